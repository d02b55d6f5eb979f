"""The statements of a task's role in one Region."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from leeward.infra.permissions.common import runtime
from leeward.infra.permissions.model import Permission, Statement
from leeward.infra.permissions.tasks import STANDING, TASKS
from leeward.infra.permissions.triggered import triggered
from leeward.infra.permissions.uses import Deployed, Uses, uses_of
from leeward.state_machines.tree import Ready


def permissions_of(at: Deployed, readies: Sequence[Ready]) -> dict[str, list[Permission]]:
    """By task, what it may do in the Region `at`; `readies` are the application's runbooks, of both Regions.

    Raises LookupError for a task that no declaration knows.
    """
    entering = [ready.compiled.definition for ready in readies if ready.compiled.way.target == at.region]
    # In a Region that only looks, from outside of both, nothing is answered and nothing runs.
    standing = {task: Uses(task, at, ()) for task in STANDING if at.region in at.application.regions.both}
    uses = standing | uses_of(at, entering) | triggered(at, readies)
    return {task: _permissions(use) for task, use in sorted(uses.items())}


def statements_of(permissions: Sequence[Permission]) -> list[Statement]:
    """As IAM has them, each once, those with the same resources and conditions as one."""
    together: dict[str, Permission] = {}
    for each in permissions:
        key = f"{sorted(each.resources)} {each.statement().get('Condition')}"
        known = together.get(key)
        together[key] = replace(known, actions=tuple({*known.actions, *each.actions})) if known else each
    return [each.statement() for each in together.values() if each.resources]


def _permissions(use: Uses) -> list[Permission]:
    declare = TASKS.get(use.task)
    if declare is None:
        raise LookupError(f"no declaration in infra/permissions says what {use.task} may do: add one to tasks.py")
    return [*runtime(use), *declare(use)]
