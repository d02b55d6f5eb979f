"""`drs.recover`: launch server groups, in waves."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import ClassVar, Literal

from pydantic import Field

from leeward.state_machines.application.run_direction import Side
from leeward.state_machines.asl import JsonObject
from leeward.state_machines.diagnostics.problems import DocumentProblem
from leeward.state_machines.fields.field_types import Duration, PointInTime, Slug
from leeward.state_machines.fragments.actions.server_groups import (
    LAUNCH_POLL_INTERVAL,
    count_launch_waves,
    groups_json,
    launch_in_waves,
    replication_parameters,
)
from leeward.state_machines.fragments.patterns.single_action import build_single_wait
from leeward.state_machines.fragments.step_context import Fragment, StepContext
from leeward.state_machines.rules.step_scope import StepScope
from leeward.state_machines.step_kinds.step_effects import Launch, StepEffect
from leeward.state_machines.step_kinds.step_model import StepModel


class DrsRecoverStep(StepModel):
    """Launch the groups' servers. The waves follow from `after` in the application. `timeout` is for each wave."""

    default_timeout: ClassVar[timedelta] = timedelta(minutes=30)

    kind: Literal["drs.recover"]
    timeout: Duration | None = Field(None, description="How long one attempt may take for each wave, such as 25m")
    groups: tuple[Slug, ...] = Field(description="The drs.servers components to recover")
    in_: Side = Field("target", alias="in", description="The Region to launch in: target (default) or origin")
    mode: Literal["recovery", "drill"] = Field("recovery", description="A drill's instances are marked as such")
    point_in_time: PointInTime = Field("latest", description="latest, or a time such as 2026-03-01T09:00:00Z")

    @property
    def effects(self) -> tuple[StepEffect, ...]:
        """Return what this step does to servers, traffic, and protection."""
        return (Launch(self.groups, self.in_, is_drill=self.mode == "drill"),)


def check(step: DrsRecoverStep, scope: StepScope) -> Iterator[DocumentProblem]:
    """Check that the groups exist, and that only drills launch servers in the origin Region."""
    yield from scope.check_groups(step.groups, step.in_)
    if step.in_ == "origin" and step.mode == "recovery":
        yield scope.location.child("in").problem(
            "servers are recovered in the origin Region", expected="in: target, or mode: drill"
        )


def count_waves(step: DrsRecoverStep, scope: StepScope) -> int:
    """Return the number of waves."""
    return count_launch_waves(scope.application, step.groups)


def compile(step: DrsRecoverStep, context: StepContext) -> Fragment:
    """Build a poll loop that launches one wave after the other."""
    point = None if step.point_in_time == "latest" else step.point_in_time
    parameters: JsonObject = {"is_drill": step.mode == "drill", "point_in_time": point}
    parameters |= replication_parameters(context, step.in_)
    comment = "Start the groups' recovery jobs, or find those that an earlier call started"
    return launch_in_waves(context, step.groups, "drs_recover", parameters, comment)


def undo(step: DrsRecoverStep, context: StepContext) -> Fragment:
    """Build a poll loop that waits until the instances are terminated."""
    parameters: JsonObject = {
        "groups": groups_json(context.application, step.groups),
        "region": context.run_regions.region(step.in_),
    }
    comment = "Terminate the instances that this run's own jobs launched, and no others"
    return build_single_wait(context, "drs_recover_undo", parameters, LAUNCH_POLL_INTERVAL, comment)
