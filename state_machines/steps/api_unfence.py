"""`api.unfence`: open a Region to writes again."""

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


class Unfence(StepModel):
    """Open a Region's API to writes again, and wait until its own replica says so."""

    default_timeout: ClassVar[timedelta] = timedelta(minutes=5)

    kind: Literal["api.unfence"]
    component: Slug = Field(description="The apigateway.rest_api component")
    in_: Side = Field("target", alias="in", description="Which Region: origin or target; target by default")
    if_unreachable: IfUnreachable = Field(
        "fail", description="When that Region does not answer: fail, or defer until its table has caught up"
    )


def check(step: Unfence, scope: StepScope) -> Iterator[Problem]:
    """The API exists."""
    yield from scope.component(step.component, RestApi, "component")


def compile(step: Unfence, context: Context) -> Fragment:
    """One wait."""
    comment = f"{context.way.region(step.in_)} takes writes again"
    return switch(context, step.component, step.in_, writes="open", if_unreachable=step.if_unreachable, comment=comment)


def undo(step: Unfence, context: Context) -> Fragment:
    """One wait, for the opposite."""
    comment = f"No write is taken in {context.way.region(step.in_)} any more"
    return switch(
        context, step.component, step.in_, writes="fenced", if_unreachable=step.if_unreachable, comment=comment
    )


KIND = StepKind(Unfence, compile, check=check, undo=undo, changes=True)
