"""`api.out_of_service`: the operator's health switch: DNS leads users away, while the Region goes on answering."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import ClassVar, Literal

from pydantic import Field

from leeward.state_machines.compile.context import Context, Fragment
from leeward.state_machines.compile.switching import IfUnreachable, switch
from leeward.state_machines.components import RestApi
from leeward.state_machines.documents.direction import Side
from leeward.state_machines.documents.fields import Slug
from leeward.state_machines.problems import Problem
from leeward.state_machines.steps.base import StepKind, StepModel
from leeward.state_machines.validate.scope import StepScope


class OutOfService(StepModel):
    """Make a Region answer its health checks as unhealthy: Route 53 leads users to the other one. The API goes on
    answering, so that nobody who still comes is turned away.

    Data planes only: DynamoDB in both Regions, Route 53's health checks and answers."""

    default_timeout: ClassVar[timedelta] = timedelta(minutes=5)

    kind: Literal["api.out_of_service"]
    component: Slug = Field(description="The apigateway.rest_api component")
    in_: Side = Field("origin", alias="in", description="Which Region: origin or target; origin by default")
    if_unreachable: IfUnreachable = Field(
        "defer", description="When that Region does not answer: fail, or defer until its table has caught up"
    )


def check(step: OutOfService, scope: StepScope) -> Iterator[Problem]:
    """The API exists."""
    yield from scope.component(step.component, RestApi, "component")


def compile(step: OutOfService, context: Context) -> Fragment:
    """One wait."""
    comment = f"{context.way.region(step.in_)} answers its health check with 503 from now on"
    return switch(
        context, step.component, step.in_, health="out-of-service", if_unreachable=step.if_unreachable, comment=comment
    )


def undo(step: OutOfService, context: Context) -> Fragment:
    """One wait, for the opposite."""
    comment = f"{context.way.region(step.in_)} answers its health check as it is"
    return switch(
        context, step.component, step.in_, health="in-service", if_unreachable=step.if_unreachable, comment=comment
    )


KIND = StepKind(OutOfService, compile, check=check, undo=undo, changes=True, moves_traffic=True)
