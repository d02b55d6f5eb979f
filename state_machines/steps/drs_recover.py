"""`drs.recover`: launch groups of servers, in waves."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import ClassVar, Literal

from pydantic import Field

from leeward.state_machines.asl import JsonObject
from leeward.state_machines.compile.context import Context, Fragment
from leeward.state_machines.compile.groups import LAUNCH_PACE, group_list, launch, launch_rounds, replicated
from leeward.state_machines.compile.single import one_wait
from leeward.state_machines.documents.direction import Side
from leeward.state_machines.documents.fields import Duration, PointInTime, Slug
from leeward.state_machines.problems import Problem
from leeward.state_machines.steps.base import Launch, StepKind, StepModel
from leeward.state_machines.validate.scope import StepScope


class Recover(StepModel):
    """Launch the groups' servers; the waves follow from `after` in the application. `timeout` is for each wave."""

    default_timeout: ClassVar[timedelta] = timedelta(minutes=30)

    kind: Literal["drs.recover"]
    timeout: Duration | None = Field(None, description="How long one attempt of each wave may take, such as 25m")
    groups: tuple[Slug, ...] = Field(description="Which drs.servers components to recover")
    in_: Side = Field("target", alias="in", description="The Region to launch in: target (default) or origin")
    mode: Literal["recovery", "drill"] = Field("recovery", description="A drill's instances are marked as such")
    point_in_time: PointInTime = Field("latest", description="latest, or a time such as 2026-03-01T09:00:00Z")


def check(step: Recover, scope: StepScope) -> Iterator[Problem]:
    """The groups exist; nothing is recovered for good in the Region that is left."""
    yield from scope.groups(step.groups, step.in_)
    if step.in_ == "origin" and step.mode == "recovery":
        yield scope.place.at("in").problem(
            "servers are recovered in the Region that is left", expected="in: target, or mode: drill"
        )


def rounds(step: Recover, scope: StepScope) -> int:
    """One for each wave."""
    return launch_rounds(scope.application, step.groups)


def compile(step: Recover, context: Context) -> Fragment:
    """A wait for each group, side by side in each wave."""
    point = None if step.point_in_time == "latest" else step.point_in_time
    parameters: JsonObject = {"is_drill": step.mode == "drill", "point_in_time": point}
    parameters |= replicated(context, step.in_)
    comment = "Start a recovery job for {group}, or find the one that an earlier call started"
    return launch(context, step.groups, "drs_recover", lambda _: parameters, comment)


def undo(step: Recover, context: Context) -> Fragment:
    """A wait until the instances are gone."""
    parameters: JsonObject = {
        "groups": group_list(context.application, step.groups),
        "region": context.way.region(step.in_),
    }
    comment = "Terminate the instances that this run's own jobs launched, and no others"
    return one_wait(context, "drs_recover_undo", parameters, LAUNCH_PACE, comment)


def _launch(step: Recover) -> Launch:
    return Launch(step.groups, step.in_, drill=step.mode == "drill")


KIND = StepKind(Recover, compile, check=check, undo=undo, may_be_left=True, changes=True, rounds=rounds, launch=_launch)
