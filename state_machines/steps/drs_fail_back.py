"""`drs.fail_back`: launch servers from their reverse-replicated copies, in waves, in the target Region of a
failback.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import ClassVar, Literal

from pydantic import Field

from leeward.state_machines.application.run_direction import RunDirection
from leeward.state_machines.asl import JsonObject
from leeward.state_machines.diagnostics.problems import DocumentProblem
from leeward.state_machines.fields.field_types import Duration, Slug
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
from leeward.state_machines.step_kinds.step_effects import Launch, OriginOverwrite, StepEffect
from leeward.state_machines.step_kinds.step_model import StepModel


class DrsFailBackStep(StepModel):
    """Launch what was replicated back. The waves follow from `after` in the application. `timeout` is for each
    wave.
    """

    default_timeout: ClassVar[timedelta] = timedelta(minutes=30)

    kind: Literal["drs.fail_back"]
    timeout: Duration | None = Field(None, description="How long one attempt may take for each wave, such as 25m")
    groups: tuple[Slug, ...] = Field(description="The drs.servers components to fail back")

    @property
    def effects(self) -> tuple[StepEffect, ...]:
        """Return what this step does to servers, traffic, and protection."""
        return (Launch(self.groups, "target", is_drill=False), OriginOverwrite(self.groups))


def check(step: DrsFailBackStep, scope: StepScope) -> Iterator[DocumentProblem]:
    """Check that the groups exist, and that the runbook is a failback."""
    yield from scope.check_groups(step.groups, "target")
    if scope.direction is RunDirection.FAILOVER:
        yield scope.location.child("kind").problem(
            "a failover has nothing to fail back", expected="a step that recovers servers, or direction: failback"
        )


def count_waves(step: DrsFailBackStep, scope: StepScope) -> int:
    """Return the number of waves."""
    return count_launch_waves(scope.application, step.groups)


def compile(step: DrsFailBackStep, context: StepContext) -> Fragment:
    """Build a poll loop that launches one wave after the other."""
    parameters: JsonObject = {"is_drill": False, "point_in_time": None} | replication_parameters(context, "target")
    comment = "Start the jobs that launch the groups from their copies, or find those that an earlier call started"
    return launch_in_waves(context, step.groups, "drs_recover", parameters, comment)


def undo(step: DrsFailBackStep, context: StepContext) -> Fragment:
    """Build a poll loop that waits until the instances are terminated."""
    parameters: JsonObject = {
        "groups": groups_json(context.application, step.groups),
        "region": context.run_regions.target,
    }
    comment = "Terminate the instances that this run's own jobs launched, and no others"
    return build_single_wait(context, "drs_recover_undo", parameters, LAUNCH_POLL_INTERVAL, comment)
