"""`api.fence`: close a Region to writes. What it acknowledged before stays, and no write follows."""

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


class Fence(StepModel):
    """Close a Region's API to writes. Reads go on, and nothing that was acknowledged is taken back.

    Kept in the table itself, in the Region's own replica and in the other one: a Region that can't be reached finds the
    fence once its table has caught up."""

    default_timeout: ClassVar[timedelta] = timedelta(minutes=5)

    kind: Literal["api.fence"]
    component: Slug = Field(description="The apigateway.rest_api component")
    in_: Side = Field("origin", alias="in", description="Which Region: origin or target; origin by default")
    if_unreachable: IfUnreachable = Field(
        "defer", description="When that Region does not answer: fail, or defer until its table has caught up"
    )


def check(step: Fence, scope: StepScope) -> Iterator[Problem]:
    """The API exists."""
    yield from scope.component(step.component, RestApi, "component")


def compile(step: Fence, context: Context) -> Fragment:
    """One wait."""
    comment = f"No write is taken in {context.way.region(step.in_)} any more"
    return switch(
        context, step.component, step.in_, writes="fenced", if_unreachable=step.if_unreachable, comment=comment
    )


def undo(step: Fence, context: Context) -> Fragment:
    """One wait, for the opposite."""
    comment = f"{context.way.region(step.in_)} takes writes again"
    return switch(context, step.component, step.in_, writes="open", if_unreachable=step.if_unreachable, comment=comment)


KIND = StepKind(Fence, compile, check=check, undo=undo, changes=True)
