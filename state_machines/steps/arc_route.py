"""`arc.route`: turn the target Region's routing control on and the origin's off, in one transaction."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from leeward.state_machines.asl import JsonObject
from leeward.state_machines.components.arc_routing_controls import RoutingControlsComponent
from leeward.state_machines.diagnostics.problems import DocumentProblem
from leeward.state_machines.fields.field_types import ArnText, Slug
from leeward.state_machines.fragments.patterns.single_action import build_short_wait
from leeward.state_machines.fragments.step_context import Fragment, StepContext
from leeward.state_machines.rules.arn_rules import check_arn
from leeward.state_machines.rules.step_scope import StepScope
from leeward.state_machines.step_kinds.step_effects import StepEffect, UserMove
from leeward.state_machines.step_kinds.step_model import StepModel


class ArcRouteStep(StepModel):
    """Move users with routing controls. Uses ARC's data plane, which stays available when a Region fails."""

    kind: Literal["arc.route"]
    component: Slug = Field(description="The arc.routing_controls component")
    safety_rules_to_override: tuple[ArnText, ...] = Field(
        (), description="The ARNs of safety rules to override, which is recorded"
    )

    @property
    def effects(self) -> tuple[StepEffect, ...]:
        """Return what this step does to servers, traffic, and protection."""
        return (UserMove(("target",)),)


def check(step: ArcRouteStep, scope: StepScope) -> Iterator[DocumentProblem]:
    """Check that the component exists, and that the overridden rules are safety rules of the account."""
    yield from scope.check_component(step.component, RoutingControlsComponent, "component")
    for index, arn in enumerate(step.safety_rules_to_override):
        yield from check_arn(
            arn,
            scope.location.child("safety_rules_to_override", index),
            scope.application,
            service="route53-recovery-control",
            resource="safetyrule",
            region="",
        )


def compile(step: ArcRouteStep, context: StepContext) -> Fragment:
    """Build a poll loop."""
    return _set_controls(step, context, on=context.run_regions.target, off=context.run_regions.origin)


def undo(step: ArcRouteStep, context: StepContext) -> Fragment:
    """Build a poll loop that restores the previous states."""
    return _set_controls(step, context, on=context.run_regions.origin, off=context.run_regions.target)


def _set_controls(step: ArcRouteStep, context: StepContext, *, on: str, off: str) -> Fragment:
    component = context.application.component(step.component, RoutingControlsComponent)
    primary = context.application.regions.primary
    if component.normally == "both" and on == primary:
        # As in normal operation: both are on, and the health checks prefer the primary Region.
        turn_on, turn_off, comment = (
            [component.controls[on], component.controls[off]],
            [],
            "Turn both on, so that health checks decide",
        )
    else:
        turn_on, turn_off = [component.controls[on]], [component.controls[off]]
        is_target = on == context.run_regions.target
        comment = f"Route all users to {on}, and none to {off}" if is_target else f"Route users back to {on}"
    parameters: JsonObject = {
        "endpoints": [{"region": region, "url": url} for region, url in component.endpoints.items()],
        "turn_on": list(turn_on),
        "turn_off": list(turn_off),
        "safety_rules_to_override": list(step.safety_rules_to_override),
    }
    return build_short_wait(context, "arc_route", parameters, comment)
