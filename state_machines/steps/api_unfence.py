"""`api.unfence`: open a Region to writes again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from leeward.state_machines.application.run_direction import Side
from leeward.state_machines.components.apigateway_rest_api import RestApiComponent
from leeward.state_machines.diagnostics.problems import DocumentProblem
from leeward.state_machines.fields.field_types import Slug
from leeward.state_machines.fragments.actions.api_switches import IfUnreachable, switch_region
from leeward.state_machines.fragments.step_context import Fragment, StepContext
from leeward.state_machines.rules.step_scope import StepScope
from leeward.state_machines.step_kinds.step_model import StepModel


class ApiUnfenceStep(StepModel):
    """Open a Region's API to writes again, and wait until its own replica has the change."""

    kind: Literal["api.unfence"]
    component: Slug = Field(description="The apigateway.rest_api component")
    in_: Side = Field("target", alias="in", description="The Region: origin or target (default)")
    if_unreachable: IfUnreachable = Field(
        "fail", description="If that Region doesn't respond: fail, or defer until its table has caught up"
    )


def check(step: ApiUnfenceStep, scope: StepScope) -> Iterator[DocumentProblem]:
    """Check that the API exists."""
    yield from scope.check_component(step.component, RestApiComponent, "component")


def compile(step: ApiUnfenceStep, context: StepContext) -> Fragment:
    """Build one poll loop."""
    comment = f"Open {context.run_regions.region(step.in_)} to writes again"
    return switch_region(
        context, step.component, step.in_, writes="open", if_unreachable=step.if_unreachable, comment=comment
    )


def undo(step: ApiUnfenceStep, context: StepContext) -> Fragment:
    """Build one poll loop that closes the Region to writes again."""
    comment = f"Close {context.run_regions.region(step.in_)} to writes"
    return switch_region(
        context, step.component, step.in_, writes="fenced", if_unreachable=step.if_unreachable, comment=comment
    )
