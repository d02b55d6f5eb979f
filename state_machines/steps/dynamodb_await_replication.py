"""`dynamodb.await_replication`: prove with markers that one Region's writes have arrived in the other."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from leeward.state_machines.application.run_direction import Side, opposite
from leeward.state_machines.asl import JsonObject
from leeward.state_machines.components.dynamodb_global_table import GlobalTableComponent
from leeward.state_machines.diagnostics.problems import DocumentProblem
from leeward.state_machines.fields.field_types import Slug
from leeward.state_machines.fragments.actions.table_parameters import table_json
from leeward.state_machines.fragments.patterns.poll_loop import PollInterval
from leeward.state_machines.fragments.patterns.single_action import build_single_wait
from leeward.state_machines.fragments.step_context import Fragment, StepContext
from leeward.state_machines.rules.step_scope import StepScope
from leeward.state_machines.step_kinds.step_effects import StepEffect, WritesWait
from leeward.state_machines.step_kinds.step_model import StepModel

_POLL_INTERVAL = PollInterval(first_seconds=2, longest_seconds=15)


class DynamodbAwaitReplicationStep(StepModel):
    """Write markers in one Region, and wait until all of them can be read in the other.

    DynamoDB preserves the order of writes only within a partition. So the step writes several markers, with keys in
    different partitions. They are deleted after they have arrived.
    """

    default_timeout: ClassVar[timedelta] = timedelta(minutes=30)
    default_policy: ClassVar[str] = "ask"

    kind: Literal["dynamodb.await_replication"]
    component: Slug = Field(description="The dynamodb.global_table component")
    in_: Side = Field(
        "target", alias="in", description="The Region that must have caught up: target (default) or origin"
    )
    # BatchWriteItem accepts at most 25 items.
    markers: Annotated[int, Field(ge=1, le=25)] = Field(10, description="The number of markers to write, 1 to 25")

    @property
    def effects(self) -> tuple[StepEffect, ...]:
        """Return what this step does to servers, traffic, and protection."""
        return (WritesWait(self.in_, self.component),)


def check(step: DynamodbAwaitReplicationStep, scope: StepScope) -> Iterator[DocumentProblem]:
    """Check that the table exists."""
    yield from scope.check_component(step.component, GlobalTableComponent, "component")


def compile(step: DynamodbAwaitReplicationStep, context: StepContext) -> Fragment:
    """Build one poll loop."""
    region, from_region = context.run_regions.region(step.in_), context.run_regions.region(opposite(step.in_))
    parameters: JsonObject = {
        "table": table_json(context.application.component(step.component, GlobalTableComponent)),
        "region": region,
        "from_region": from_region,
        "markers": step.markers,
    }
    comment = f"Wait until markers that are written in {from_region} can be read in {region}"
    return build_single_wait(context, "dynamodb_await_replication", parameters, _POLL_INTERVAL, comment)
