"""`drs.await_replication`: wait until groups of servers are replicated, within the objective or up to a moment."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import ClassVar, Literal

from pydantic import Field

from leeward.state_machines.asl import JsonObject
from leeward.state_machines.compile.context import Context, Fragment
from leeward.state_machines.compile.groups import group_list, replicated
from leeward.state_machines.compile.single import one_wait
from leeward.state_machines.compile.waiting import Pace
from leeward.state_machines.documents.direction import Side
from leeward.state_machines.documents.fields import Slug
from leeward.state_machines.problems import Problem
from leeward.state_machines.steps.base import StepKind, StepModel
from leeward.state_machines.validate.scope import StepScope

_PACE = Pace(first_seconds=10, longest_seconds=30)


class AwaitReplication(StepModel):
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


def check(step: AwaitReplication, scope: StepScope) -> Iterator[Problem]:
    """The groups exist."""
    yield from scope.groups(step.groups, step.in_)


def compile(step: AwaitReplication, context: Context) -> Fragment:
    """One wait."""
    parameters: JsonObject = {"groups": group_list(context.application, step.groups)} | replicated(context, step.in_)
    parameters |= {
        "lag_seconds": int(context.application.objectives.rpo.total_seconds()),
        "since": step.since,
    }
    to = context.way.region(step.in_)
    upto = "holds all that was written until now" if step.since else "is within the objective"
    return one_wait(context, "drs_await_replication", parameters, _PACE, f"Wait until the replication to {to} {upto}")


KIND = StepKind(AwaitReplication, compile, check=check)
