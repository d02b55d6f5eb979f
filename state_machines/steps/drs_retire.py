"""`drs.retire`: clean up behind a failback, once the new protection is proven. Nothing of it can be taken back."""

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
from leeward.state_machines.documents.direction import Side, opposite
from leeward.state_machines.documents.fields import Slug
from leeward.state_machines.problems import Problem
from leeward.state_machines.steps.base import StepKind, StepModel
from leeward.state_machines.validate.scope import StepScope

_PACE = Pace(first_seconds=15, longest_seconds=60)


class Retire(StepModel):
    """Give up the recovery instances of the Region that was left, and what replicated them back.

    Refused by the task, whatever the runbook says, where the machine that serves is not protected anew: stop the
    replication, terminate, delete the recovery instances, disconnect and delete the source servers, in this order.
    """

    default_timeout: ClassVar[timedelta] = timedelta(hours=1)
    default_policy: ClassVar[str] = "ask"

    kind: Literal["drs.retire"]
    groups: tuple[Slug, ...] = Field(description="Which drs.servers components to clean up behind")
    in_: Side = Field(
        "origin", alias="in", description="Where the instances to give up run: origin (default) or target"
    )


def check(step: Retire, scope: StepScope) -> Iterator[Problem]:
    """The groups exist, and can be found in both Regions."""
    yield from scope.groups(step.groups, step.in_, opposite(step.in_))


def compile(step: Retire, context: Context) -> Fragment:
    """One wait."""
    parameters: JsonObject = {"groups": group_list(context.application, step.groups)} | regions(context, step.in_)
    parameters["lag_seconds"] = int(context.application.objectives.rpo.total_seconds())
    region = context.way.region(step.in_)
    comment = f"Give up what ran in {region}, step by step, once what serves is protected anew"
    return one_wait(context, "drs_retire", parameters, _PACE, comment)


KIND = StepKind(Retire, compile, check=check, changes=True)
