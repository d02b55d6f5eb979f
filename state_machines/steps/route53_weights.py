"""`route53.weights`: divide users between the Regions by the weights of DNS records.

Route 53's control plane is in us-east-1, and AWS advises against depending on it during a failover. Use this step for
planned, gradual shifts, or as a labelled fallback.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Literal

from pydantic import Field

from leeward.kinds.descriptors.effects import Effect
from leeward.state_machines.application.run_direction import RunDirection
from leeward.state_machines.asl import Json, JsonObject
from leeward.state_machines.components.route53_weighted_records import WeightedRecordsComponent
from leeward.state_machines.diagnostics.problems import DocumentProblem
from leeward.state_machines.fields.field_types import RegionName, Slug
from leeward.state_machines.fragments.patterns.poll_loop import PollInterval
from leeward.state_machines.fragments.patterns.single_action import build_single_wait
from leeward.state_machines.fragments.step_context import Fragment, StepContext
from leeward.state_machines.rules.arn_rules import check_regions
from leeward.state_machines.rules.kind_advice import name_kinds
from leeward.state_machines.rules.step_scope import StepScope
from leeward.state_machines.step_kinds.step_effects import StepEffect, UserMove
from leeward.state_machines.step_kinds.step_model import StepModel

_POLL_INTERVAL = PollInterval(first_seconds=5, longest_seconds=15)
# Route 53's limit for a weight.
_MAX_WEIGHT = 255
RecordWeight = Annotated[int, Field(ge=0, le=_MAX_WEIGHT)]


class Route53WeightsStep(StepModel):
    """Set the records' weights in one change batch, and wait until Route 53 reports INSYNC."""

    kind: Literal["route53.weights"]
    component: Slug = Field(description="The route53.weighted_records component")
    weights: Mapping[RegionName, RecordWeight] = Field(description="The weight, 0 to 255, of each Region's record")

    @property
    def effects(self) -> tuple[StepEffect, ...]:
        """Return what this step does to servers, traffic, and protection."""
        return (UserMove(regions=tuple(region for region, weight in self.weights.items() if weight)),)


def check(step: Route53WeightsStep, scope: StepScope) -> Iterator[DocumentProblem]:
    """Check that the component exists, and that each Region has a weight, not all 0. Warn in a failover."""
    yield from scope.check_component(step.component, WeightedRecordsComponent, "component")
    yield from check_regions(step.weights, scope.location.child("weights"), scope.application)
    if step.weights and not any(step.weights.values()):
        yield scope.location.child("weights").problem(
            "all weights are 0, which Route 53 treats as equal shares", expected="at least one weight above 0"
        )
    if scope.direction is RunDirection.FAILOVER:
        yield scope.location.child("kind").warning(
            "route53.weights depends on the Route 53 control plane in us-east-1",
            hint=f"prefer {name_kinds(Effect.MOVES_USERS, data_planes_only=True)}: it needs data planes only",
        )


def compile(step: Route53WeightsStep, context: StepContext) -> Fragment:
    """Build one poll loop."""
    component = context.application.component(step.component, WeightedRecordsComponent)
    entries: list[Json] = [
        {
            "set_identifier": component.set_identifiers[region],
            "value": component.values[region],
            "weight": step.weights[region],
        }
        for region in context.application.regions.both
    ]
    parameters: JsonObject = {
        "hosted_zone": component.hosted_zone,
        "record": component.record,
        "type": component.type,
        "ttl": int(component.ttl.total_seconds()),
        "entries": entries,
    }
    comment = "Set the weights. Depends on the Route 53 control plane in us-east-1"
    return build_single_wait(context, "route53_weights", parameters, _POLL_INTERVAL, comment)
