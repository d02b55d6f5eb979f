"""`api.in_service`: the operator's health switch, put back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import ClassVar, Literal

from pydantic import Field

from leeward.state_machines.application.run_direction import Side
from leeward.state_machines.components import RestApiComponent
from leeward.state_machines.diagnostics.problems import DocumentProblem
from leeward.state_machines.fields.field_types import Slug
from leeward.state_machines.fragments.actions.api_switches import IfUnreachable, switch_region
from leeward.state_machines.fragments.step_context import Fragment, StepContext
from leeward.state_machines.rules.step_scope import StepScope
from leeward.state_machines.steps.step_kind import StepKind, StepModel


class ApiInServiceStep(StepModel):
    """Let a Region answer its health checks as it is: Route 53 leads users to it again, as its records say."""

    default_timeout: ClassVar[timedelta] = timedelta(minutes=5)

    kind: Literal["api.in_service"]
    component: Slug = Field(description="The apigateway.rest_api component")
    in_: Side = Field("target", alias="in", description="Which Region: origin or target; target by default")
    if_unreachable: IfUnreachable = Field(
        "fail", description="When that Region does not answer: fail, or defer until its table has caught up"
    )


def check(step: ApiInServiceStep, scope: StepScope) -> Iterator[DocumentProblem]:
    """The API exists."""
    yield from scope.check_component(step.component, RestApiComponent, "component")


def compile(step: ApiInServiceStep, context: StepContext) -> Fragment:
    """One wait."""
    comment = f"{context.run_regions.region(step.in_)} answers its health check as it is"
    return switch_region(
        context, step.component, step.in_, health="in-service", if_unreachable=step.if_unreachable, comment=comment
    )


def undo(step: ApiInServiceStep, context: StepContext) -> Fragment:
    """One wait, for the opposite."""
    comment = f"{context.run_regions.region(step.in_)} answers its health check with 503 from now on"
    return switch_region(
        context, step.component, step.in_, health="out-of-service", if_unreachable=step.if_unreachable, comment=comment
    )


KIND = StepKind(ApiInServiceStep, compile, check=check, undo=undo, changes_resources=True, moves_traffic=True)
