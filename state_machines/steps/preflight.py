"""`preflight`: check, before any change, whether the run can succeed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Literal

from pydantic import Field

from leeward.state_machines.application.run_direction import Side
from leeward.state_machines.asl import Json, JsonObject
from leeward.state_machines.components.alb_target_group import TargetGroupComponent
from leeward.state_machines.components.arc_routing_controls import RoutingControlsComponent
from leeward.state_machines.components.drs_servers import ServerGroupComponent
from leeward.state_machines.diagnostics.problems import DocumentProblem
from leeward.state_machines.fields.field_types import Slug
from leeward.state_machines.fragments.actions.server_groups import groups_json, replication_parameters
from leeward.state_machines.fragments.patterns.single_action import build_short_wait
from leeward.state_machines.fragments.step_context import Fragment, StepContext
from leeward.state_machines.rules.step_scope import StepScope
from leeward.state_machines.step_kinds.step_model import StepModel


class PreflightStep(StepModel):
    """Check replication, lag against the RPO, quotas, launch settings, routing controls, and the target groups of the
    Region.
    """

    default_policy: ClassVar[str] = "ask"

    kind: Literal["preflight"]
    groups: tuple[Slug, ...] | None = Field(None, description="The drs.servers components. By default, all of them")
    in_: Side = Field("target", alias="in", description="The Region to check: target (default) or origin")


def check(step: PreflightStep, scope: StepScope) -> Iterator[DocumentProblem]:
    """Check that the groups exist."""
    if step.groups is not None:
        yield from scope.check_groups(step.groups, step.in_)


def compile(step: PreflightStep, context: StepContext) -> Fragment:
    """Build a poll loop."""
    application = context.application
    groups = (
        step.groups
        if step.groups is not None
        else [name for name, _ in application.components_of_kind(ServerGroupComponent)]
    )
    endpoints: list[Json] = []
    controls: JsonObject = {}
    for _, routing in application.components_of_kind(RoutingControlsComponent):
        endpoints += [{"region": region, "url": url} for region, url in routing.endpoints.items()]
        controls |= routing.controls
    parameters: JsonObject = replication_parameters(context, step.in_) | {
        "groups": groups_json(application, groups),
        "rpo_seconds": int(application.objectives.rpo.total_seconds()),
        "endpoints": endpoints,
        "controls": controls,
        "target_groups": [
            targets.target_groups[context.run_regions.region(step.in_)]
            for _, targets in application.components_of_kind(TargetGroupComponent)
        ],
    }
    return build_short_wait(context, "preflight", parameters, "Check whether the run can succeed, before any change")
