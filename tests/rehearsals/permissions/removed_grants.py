"""Grants of the tasks' roles, and rehearsals under roles that lack one of them."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass, replace
from functools import cache
from random import Random

from leeward.infra.permissions import (
    Permission,
    RegionResources,
    collect_permissions,
    collect_task_usage,
    merge_statements,
)
from leeward.rehearsal.results.result_models import RehearsalResult
from leeward.rehearsal.session.rehearsal_session import RehearsalSession
from leeward.rehearsal.task_functions import find_task_name
from leeward.state_machines.build import BuiltRunbook
from leeward.twin.policies.evaluation.policy_documents import read_statements
from leeward.twin.policies.function_role import FunctionRole
from tests.support.website_session import WEST, compile_website, run_to_end, website_session

# The state machine calls these when a step fails.
ONLY_ON_FAILURE = {"ask", "record_failure", "run_stop"}


@dataclass(frozen=True, order=True)
class Grant:
    """One action that a task's role allows."""

    task: str
    action: str

    def __str__(self) -> str:
        return f"{self.task} {self.action}"


@cache
def failover() -> BuiltRunbook:
    return compile_website()


@cache
def short_failover() -> BuiltRunbook:
    """A failover that only takes the lock and sends a message."""

    def shorten(text: str) -> str:
        steps = "  - {name: Lock, kind: lock}\n  - {name: Tell, kind: notify, message: hello}\n"
        return f"{text[: text.index('triggers:')]}steps:\n{steps}"

    return compile_website(runbook=shorten)


def declared_grants(ready: BuiltRunbook) -> list[Grant]:
    """What the tasks of the runbook's own Region may call themselves."""
    allowed = collect_permissions(_resources(ready), [ready])
    return sorted(
        Grant(task, action)
        for task, permissions in allowed.items()
        for permission in permissions
        if permission.called_via is None
        for action in permission.actions
    )


def called_grants() -> list[Grant]:
    """The grants of the tasks that a failover calls when all goes well, each once."""
    tasks = set(collect_task_usage(_resources(failover()), [failover().compiled.definition])) - ONLY_ON_FAILURE
    return sorted({grant for grant in declared_grants(failover()) if grant.task in tasks})


def drawn_grants(count: int, seed: int, excluded: Container[Grant]) -> list[Grant]:
    return Random(seed).sample([grant for grant in called_grants() if grant not in excluded], count)


def remove_grant(stage: RehearsalSession, ready: BuiltRunbook, grant: Grant) -> None:
    """The task's role is what its declaration gives without this action."""
    allowed = collect_permissions(_resources(ready), [ready])[grant.task]
    statements = read_statements([{"Statement": merge_statements(_without(allowed, grant.action))}])
    functions = [f for f in stage.engine.functions.list_in_region(WEST) if find_task_name(f.name) == grant.task]
    narrowed = {f.role: FunctionRole(f.role, statements) for f in functions if f.role is not None}
    assert narrowed.keys() <= stage.guard.roles.keys()
    stage.guard.roles = {**stage.guard.roles, **narrowed}


def run_without(grant: Grant, ready: BuiltRunbook | None = None) -> tuple[RehearsalResult, list[str]]:
    """The result of the failover under the narrower role, and the calls that were denied."""
    with website_session(ready=ready) as stage:
        remove_grant(stage, ready or failover(), grant)
        result, _, _ = run_to_end(stage)
        return result, [str(denied) for denied in stage.guard.denied_calls]


def _resources(ready: BuiltRunbook) -> RegionResources:
    return RegionResources.from_names(ready.application, WEST)


def _without(permissions: Sequence[Permission], action: str) -> list[Permission]:
    kept = [replace(each, actions=tuple(a for a in each.actions if a != action)) for each in permissions]
    return [each for each in kept if each.actions]
