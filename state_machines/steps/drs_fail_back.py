"""`drs.fail_back`: launch the servers that were replicated back, in waves, in the Region that a failback enters."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import ClassVar, Literal

from pydantic import Field

from leeward.state_machines.asl import JsonObject
from leeward.state_machines.compile.context import Context, Fragment
from leeward.state_machines.compile.groups import LAUNCH_PACE, group_list, launch, launch_rounds, replicated
from leeward.state_machines.compile.single import one_wait
from leeward.state_machines.documents.direction import Direction
from leeward.state_machines.documents.fields import Duration, Slug
from leeward.state_machines.problems import Problem
from leeward.state_machines.steps.base import Launch, StepKind, StepModel
from leeward.state_machines.validate.scope import StepScope


class FailBack(StepModel):
    """Launch what drs.reverse brought back; the waves follow from `after` in the application. `timeout` is for each."""

    default_timeout: ClassVar[timedelta] = timedelta(minutes=30)

    kind: Literal["drs.fail_back"]
    timeout: Duration | None = Field(None, description="How long one attempt of each wave may take, such as 25m")
    groups: tuple[Slug, ...] = Field(description="Which drs.servers components to fail back")


def check(step: FailBack, scope: StepScope) -> Iterator[Problem]:
    """The groups exist, and the runbook goes back."""
    yield from scope.groups(step.groups, "target")
    if scope.direction is Direction.FAILOVER:
        yield scope.place.at("kind").problem(
            "a failover has nothing to fail back", expected="drs.recover, or direction: failback"
        )


def rounds(step: FailBack, scope: StepScope) -> int:
    """One for each wave."""
    return launch_rounds(scope.application, step.groups)


def compile(step: FailBack, context: Context) -> Fragment:
    """A wait for each group, side by side in each wave."""
    parameters: JsonObject = {"is_drill": False, "point_in_time": None} | replicated(context, "target")
    comment = "Start the job that launches {group} from what was replicated back, or find the one that was started"
    return launch(context, step.groups, "drs_recover", lambda _: parameters, comment)


def undo(step: FailBack, context: Context) -> Fragment:
    """A wait until the instances are gone."""
    parameters: JsonObject = {"groups": group_list(context.application, step.groups), "region": context.way.target}
    comment = "Terminate the instances that this run's own jobs launched, and no others"
    return one_wait(context, "drs_recover_undo", parameters, LAUNCH_PACE, comment)


def _launch(step: FailBack) -> Launch:
    return Launch(step.groups, "target", drill=False)


KIND = StepKind(
    FailBack, compile, check=check, undo=undo, may_be_left=True, changes=True, rounds=rounds, launch=_launch
)
