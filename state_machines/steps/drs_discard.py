"""`drs.discard`: give up the copies that a drill's drs.reverse made."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import ClassVar, Literal

from pydantic import Field

from leeward.state_machines.asl import JsonObject
from leeward.state_machines.compile.context import Context, Fragment
from leeward.state_machines.compile.groups import group_list, regions
from leeward.state_machines.compile.single import one_wait
from leeward.state_machines.compile.waiting import Pace
from leeward.state_machines.documents.direction import Side
from leeward.state_machines.documents.fields import Slug
from leeward.state_machines.problems import Problem
from leeward.state_machines.steps.base import StepKind, StepModel
from leeward.state_machines.validate.scope import StepScope

_PACE = Pace(first_seconds=10, longest_seconds=30)


class Discard(StepModel):
    """Stop, disconnect and delete the source servers that this run's own reversal of a drill's instances created.

    A drill's instance cannot be terminated while it is replicated back, so this comes before its drs.terminate.
    """

    default_timeout: ClassVar[timedelta] = timedelta(minutes=20)

    kind: Literal["drs.discard"]
    groups: tuple[Slug, ...] = Field(description="Which drs.servers components' copies to give up")
    in_: Side = Field("target", alias="in", description="Where the copies are: target (default) or origin")


def check(step: Discard, scope: StepScope) -> Iterator[Problem]:
    """The groups exist."""
    yield from scope.groups(step.groups, step.in_)


def compile(step: Discard, context: Context) -> Fragment:
    """One wait."""
    parameters: JsonObject = {"groups": group_list(context.application, step.groups)} | regions(context, step.in_)
    comment = "Stop and delete the copies that this run's own reversal made, and no others"
    return one_wait(context, "drs_discard", parameters, _PACE, comment)


def _stays(_step: Discard) -> bool:
    # It takes something back itself.
    return True


KIND = StepKind(Discard, compile, check=check, stays=_stays, changes=True)
