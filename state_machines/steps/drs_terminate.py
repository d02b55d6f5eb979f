"""`drs.terminate`: terminate what a drill launched."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import ClassVar, Literal

from pydantic import Field

from leeward.state_machines.asl import JsonObject
from leeward.state_machines.compile.context import Context, Fragment
from leeward.state_machines.compile.groups import LAUNCH_PACE, group_list
from leeward.state_machines.compile.single import one_wait
from leeward.state_machines.documents.direction import Side
from leeward.state_machines.documents.fields import Slug
from leeward.state_machines.problems import Problem
from leeward.state_machines.steps.base import StepKind, StepModel
from leeward.state_machines.validate.scope import StepScope


class Terminate(StepModel):
    """Terminate the groups' instances that this run, or one that it took over, launched as a drill; no others."""

    default_timeout: ClassVar[timedelta] = timedelta(minutes=20)

    kind: Literal["drs.terminate"]
    groups: tuple[Slug, ...] = Field(description="Which drs.servers components' instances to terminate")
    in_: Side = Field("target", alias="in", description="Where the instances run: target (default) or origin")


def check(step: Terminate, scope: StepScope) -> Iterator[Problem]:
    """The groups exist."""
    yield from scope.groups(step.groups, step.in_)


def compile(step: Terminate, context: Context) -> Fragment:
    """One wait."""
    parameters: JsonObject = {
        "groups": group_list(context.application, step.groups),
        "region": context.way.region(step.in_),
    }
    comment = "Terminate the instances that this run's own jobs launched, and no others"
    return one_wait(context, "drs_recover_undo", parameters, LAUNCH_PACE, comment)


def _stays(_step: Terminate) -> bool:
    # It takes something back itself.
    return True


KIND = StepKind(Terminate, compile, check=check, stays=_stays, changes=True)
