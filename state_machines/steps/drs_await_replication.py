"""`drs.await_replication`: wait until groups of servers are replicated, within the objective or up to a moment."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import ClassVar, Literal

from pydantic import Field

from leeward.state_machines.application.run_direction import Side
from leeward.state_machines.asl import JsonObject
from leeward.state_machines.diagnostics.problems import DocumentProblem
from leeward.state_machines.fields.field_types import Slug
from leeward.state_machines.fragments.actions.server_groups import groups_json, replication_parameters
from leeward.state_machines.fragments.patterns.poll_loop import PollInterval
from leeward.state_machines.fragments.patterns.single_action import build_single_wait
from leeward.state_machines.fragments.step_context import Fragment, StepContext
from leeward.state_machines.rules.step_scope import StepScope
from leeward.state_machines.steps.step_kind import StepKind, StepModel

_POLL_INTERVAL = PollInterval(first_seconds=10, longest_seconds=30)


class DrsAwaitReplicationStep(StepModel):
    """Wait until every server is CONTINUOUS and its lag within the RPO. A stalled replication fails: it needs a person.

    With `since: fence` the copies must also hold all that was written before this step began: put it behind the step
    that keeps users from writing, and nothing is lost.
    """

    default_timeout: ClassVar[timedelta] = timedelta(hours=3)
    default_policy: ClassVar[str] = "ask"

    kind: Literal["drs.await_replication"]
    groups: tuple[Slug, ...] = Field(description="Which drs.servers components to wait for")
    in_: Side = Field("target", alias="in", description="Where the copies are: target (default) or origin")
    since: Literal["fence"] | None = Field(
        None, description="fence: all that was written before this step must be there"
    )


def check(step: DrsAwaitReplicationStep, scope: StepScope) -> Iterator[DocumentProblem]:
    """The groups exist."""
    yield from scope.check_groups(step.groups, step.in_)


def compile(step: DrsAwaitReplicationStep, context: StepContext) -> Fragment:
    """One wait."""
    parameters: JsonObject = {"groups": groups_json(context.application, step.groups)} | replication_parameters(
        context, step.in_
    )
    parameters |= {
        "lag_seconds": int(context.application.objectives.rpo.total_seconds()),
        "since": step.since,
    }
    to = context.run_regions.region(step.in_)
    upto = "holds all that was written until now" if step.since else "is within the objective"
    return build_single_wait(
        context, "drs_await_replication", parameters, _POLL_INTERVAL, f"Wait until the replication to {to} {upto}"
    )


KIND = StepKind(DrsAwaitReplicationStep, compile, check=check)
