"""`dynamodb.await_replication`: what was written in one Region has arrived in the other, proven by markers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from leeward.state_machines.asl import JsonObject
from leeward.state_machines.compile.context import Context, Fragment
from leeward.state_machines.compile.single import one_wait
from leeward.state_machines.compile.tables import table_json
from leeward.state_machines.compile.waiting import Pace
from leeward.state_machines.components import GlobalTable
from leeward.state_machines.documents.direction import Side, opposite
from leeward.state_machines.documents.fields import Slug
from leeward.state_machines.problems import Problem
from leeward.state_machines.steps.base import StepKind, StepModel
from leeward.state_machines.validate.scope import StepScope

_PACE = Pace(first_seconds=2, longest_seconds=15)


class AwaitTable(StepModel):
    """Write markers in one Region, and wait until all of them are read in the other.

    DynamoDB keeps the order of one partition's writes alone, so several markers are written, with keys that fall into
    different partitions. They are deleted when they have arrived.
    """

    default_timeout: ClassVar[timedelta] = timedelta(minutes=30)
    default_policy: ClassVar[str] = "ask"

    kind: Literal["dynamodb.await_replication"]
    component: Slug = Field(description="The dynamodb.global_table component")
    in_: Side = Field(
        "target", alias="in", description="The Region that must have caught up: target (default) or origin"
    )
    # BatchWriteItem takes 25 items at most.
    markers: Annotated[int, Field(ge=1, le=25)] = Field(10, description="How many markers are written, 1 to 25")


def check(step: AwaitTable, scope: StepScope) -> Iterator[Problem]:
    """The table exists."""
    yield from scope.component(step.component, GlobalTable, "component")


def compile(step: AwaitTable, context: Context) -> Fragment:
    """One wait."""
    to, of = context.way.region(step.in_), context.way.region(opposite(step.in_))
    parameters: JsonObject = {
        "table": table_json(context.application.component(step.component, GlobalTable)),
        "region": to,
        "from_region": of,
        "markers": step.markers,
    }
    comment = f"Wait until markers that are written in {of} are read in {to}"
    return one_wait(context, "dynamodb_await_replication", parameters, _PACE, comment)


KIND = StepKind(AwaitTable, compile, check=check)
