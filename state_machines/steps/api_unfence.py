"""`api.unfence`: open a Region to writes again."""

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


class ApiUnfenceStep(StepModel):
    """Open a Region's API to writes again, and wait until its own replica says so."""

    default_timeout: ClassVar[timedelta] = timedelta(minutes=5)

    kind: Literal["api.unfence"]
    component: Slug = Field(description="The apigateway.rest_api component")
    in_: Side = Field("target", alias="in", description="Which Region: origin or target; target by default")
    if_unreachable: IfUnreachable = Field(
        "fail", description="When that Region does not answer: fail, or defer until its table has caught up"
    )


def check(step: ApiUnfenceStep, scope: StepScope) -> Iterator[DocumentProblem]:
    """The API exists."""
    yield from scope.check_component(step.component, RestApiComponent, "component")


def compile(step: ApiUnfenceStep, context: StepContext) -> Fragment:
    """One wait."""
    comment = f"{context.run_regions.region(step.in_)} takes writes again"
    return switch_region(
        context, step.component, step.in_, writes="open", if_unreachable=step.if_unreachable, comment=comment
    )


def undo(step: ApiUnfenceStep, context: StepContext) -> Fragment:
    """One wait, for the opposite."""
    comment = f"No write is taken in {context.run_regions.region(step.in_)} any more"
    return switch_region(
        context, step.component, step.in_, writes="fenced", if_unreachable=step.if_unreachable, comment=comment
    )


KIND = StepKind(ApiUnfenceStep, compile, check=check, undo=undo, changes_resources=True)
