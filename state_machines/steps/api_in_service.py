"""`api.in_service`: put a Region back in service with the operator's health switch."""

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
from leeward.state_machines.step_kinds.step_effects import ServiceRestored, StepEffect, UserMove
from leeward.state_machines.step_kinds.step_model import StepModel


class ApiInServiceStep(StepModel):
    """Let a Region's health checks report its actual health. Route 53 routes users to it again, according to its
    records.
    """

    kind: Literal["api.in_service"]
    component: Slug = Field(description="The apigateway.rest_api component")
    in_: Side = Field("target", alias="in", description="The Region: origin or target (default)")
    if_unreachable: IfUnreachable = Field(
        "fail", description="If that Region doesn't respond: fail, or defer until its table has caught up"
    )

    @property
    def effects(self) -> tuple[StepEffect, ...]:
        """Return what this step does to servers, traffic, and protection."""
        return (ServiceRestored(self.in_), UserMove((self.in_,)))


def check(step: ApiInServiceStep, scope: StepScope) -> Iterator[DocumentProblem]:
    """Check that the API exists."""
    yield from scope.check_component(step.component, RestApiComponent, "component")


def compile(step: ApiInServiceStep, context: StepContext) -> Fragment:
    """Build one poll loop."""
    comment = f"Let the health check of {context.run_regions.region(step.in_)} report its actual health"
    return switch_region(
        context, step.component, step.in_, health="in-service", if_unreachable=step.if_unreachable, comment=comment
    )


def undo(step: ApiInServiceStep, context: StepContext) -> Fragment:
    """Build one poll loop that takes the Region out of service again."""
    comment = f"Let the health check of {context.run_regions.region(step.in_)} return 503"
    return switch_region(
        context, step.component, step.in_, health="out-of-service", if_unreachable=step.if_unreachable, comment=comment
    )
