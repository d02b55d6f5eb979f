"""`dynamodb.check_replicas`: check, before any change, whether the target's table can take over."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Literal

from pydantic import Field

from leeward.state_machines.asl import JsonObject
from leeward.state_machines.components.dynamodb_global_table import GlobalTableComponent
from leeward.state_machines.diagnostics.problems import DocumentProblem
from leeward.state_machines.fields.field_types import Slug
from leeward.state_machines.fragments.actions.table_parameters import table_json
from leeward.state_machines.fragments.patterns.single_action import build_short_wait
from leeward.state_machines.fragments.step_context import Fragment, StepContext
from leeward.state_machines.rules.step_scope import StepScope
from leeward.state_machines.step_kinds.step_model import StepModel


class DynamodbCheckReplicasStep(StepModel):
    """Check that the target's replica is ACTIVE and of the current version, has a stream and continuous backups, and
    has a replica in the origin. Only calls the target, because the origin may be unavailable.
    """

    default_policy: ClassVar[str] = "ask"

    kind: Literal["dynamodb.check_replicas"]
    component: Slug = Field(description="The dynamodb.global_table component")


def check(step: DynamodbCheckReplicasStep, scope: StepScope) -> Iterator[DocumentProblem]:
    """Check that the table exists."""
    yield from scope.check_component(step.component, GlobalTableComponent, "component")


def compile(step: DynamodbCheckReplicasStep, context: StepContext) -> Fragment:
    """Build a poll loop."""
    table = context.application.component(step.component, GlobalTableComponent)
    parameters: JsonObject = {
        "table": table_json(table),
        "region": context.run_regions.target,
        "other_region": context.run_regions.origin,
        "point_in_time_recovery": table.point_in_time_recovery,
    }
    return build_short_wait(
        context, "dynamodb_check_replicas", parameters, f"Check whether {context.run_regions.target} has the table"
    )
