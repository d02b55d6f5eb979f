"""`drs.reverse`: replicate recovered machines back, so that the Region that now serves is protected."""

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
from leeward.state_machines.components import Servers
from leeward.state_machines.documents.direction import Side, opposite
from leeward.state_machines.documents.fields import Slug
from leeward.state_machines.problems import Problem
from leeward.state_machines.steps.base import StepKind, StepModel
from leeward.state_machines.validate.scope import StepScope

_PACE = Pace(first_seconds=10, longest_seconds=30)


class Reverse(StepModel):
    """Reverse the replication of the groups' recovery instances, unless that is done already.

    The copies appear in the run's other Region and are tagged as the group is, so that its selector finds them there.
    """

    default_timeout: ClassVar[timedelta] = timedelta(minutes=15)
    default_policy: ClassVar[str] = "ask"

    kind: Literal["drs.reverse"]
    groups: tuple[Slug, ...] = Field(description="Which drs.servers components to replicate back")
    in_: Side = Field("target", alias="in", description="Where the recovery instances run: target (default) or origin")
    mode: Literal["recovery", "drill"] = Field("recovery", description="drill: reverse a drill's instances, no others")
    if_unreachable: Literal["fail", "defer"] = Field(
        "fail", description="When the other Region does not answer: fail, or defer and say since when nothing protects"
    )


def check(step: Reverse, scope: StepScope) -> Iterator[Problem]:
    """The groups exist; a drill needs both Regions."""
    yield from scope.groups(step.groups, step.in_)
    if step.mode == "drill" and step.if_unreachable == "defer":
        yield scope.place.at("if_unreachable").problem(
            "a drill that defers the reversal drills nothing", expected="if_unreachable: fail"
        )


def compile(step: Reverse, context: Context) -> Fragment:
    """One wait."""
    components = [context.application.component(name, Servers) for name in step.groups]
    parameters: JsonObject = {"groups": group_list(context.application, step.groups)} | regions(context, step.in_)
    parameters |= {
        "tags": any(component.servers.tags for component in components),
        "is_drill": step.mode == "drill",
        "if_unreachable": step.if_unreachable,
    }
    there, back = context.way.region(step.in_), context.way.region(opposite(step.in_))
    return one_wait(context, "drs_reverse", parameters, _PACE, f"Replicate what runs in {there} to {back}")


def undo(step: Reverse, context: Context) -> Fragment:
    """A wait until the copies are gone."""
    copies = opposite(step.in_)
    parameters: JsonObject = {"groups": group_list(context.application, step.groups)} | regions(context, copies)
    comment = "Stop and delete the copies that this run's own reversal made, and no others"
    return one_wait(context, "drs_discard", parameters, _PACE, comment)


def _is_drill(step: Reverse) -> bool:
    return step.mode == "drill"


def _stays(step: Reverse) -> bool:
    # What it protects still serves when the run goes back.
    return step.mode == "recovery"


KIND = StepKind(
    Reverse, compile, check=check, undo=undo, can_undo=_is_drill, stays=_stays, may_be_left=True, changes=True
)
