"""`route53.weights`: share the users between the Regions by the weights of DNS records.

Route 53's control plane is in us-east-1 and AWS asks not to depend on it during a failover: for planned, gradual
shifts, and a labelled fallback.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from leeward.state_machines.asl import Json, JsonObject
from leeward.state_machines.compile.context import Context, Fragment
from leeward.state_machines.compile.single import one_wait
from leeward.state_machines.compile.waiting import Pace
from leeward.state_machines.components import WeightedRecords
from leeward.state_machines.documents.direction import Direction
from leeward.state_machines.documents.fields import Region, Slug
from leeward.state_machines.problems import Problem
from leeward.state_machines.steps.base import StepKind, StepModel
from leeward.state_machines.validate.arns import check_regions
from leeward.state_machines.validate.scope import StepScope

_PACE = Pace(first_seconds=5, longest_seconds=15)
# Route 53's own limit of a weight.
_HEAVIEST = 255
Weight = Annotated[int, Field(ge=0, le=_HEAVIEST)]


class Weights(StepModel):
    """Give the records their weights in one change batch, and wait until Route 53 says INSYNC."""

    default_timeout: ClassVar[timedelta] = timedelta(minutes=5)

    kind: Literal["route53.weights"]
    component: Slug = Field(description="The route53.weighted_records component")
    weights: Mapping[Region, Weight] = Field(description="The weight, 0 to 255, of each Region's record")


def check(step: Weights, scope: StepScope) -> Iterator[Problem]:
    """The component exists; each Region has a weight, not all are 0; a failover is warned."""
    yield from scope.component(step.component, WeightedRecords, "component")
    yield from check_regions(step.weights, scope.place.at("weights"), scope.application)
    if step.weights and not any(step.weights.values()):
        yield scope.place.at("weights").problem(
            "all weights are 0, which Route 53 takes for equal shares", expected="at least one weight above 0"
        )
    if scope.direction is Direction.FAILOVER:
        yield scope.place.at("kind").warning(
            "route53.weights depends on the Route 53 control plane in us-east-1",
            hint="prefer arc.route in a failover: it needs data planes only",
        )


def compile(step: Weights, context: Context) -> Fragment:
    """One wait."""
    component = context.application.component(step.component, WeightedRecords)
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
    return one_wait(context, "route53_weights", parameters, _PACE, comment)


KIND = StepKind(Weights, compile, check=check, changes=True, moves_traffic=True)
