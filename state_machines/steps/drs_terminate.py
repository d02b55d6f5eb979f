"""`drs.terminate`: terminate the instances that a drill launched."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import ClassVar, Literal

from pydantic import Field

from leeward.state_machines.application.run_direction import Side
from leeward.state_machines.asl import JsonObject
from leeward.state_machines.diagnostics.problems import DocumentProblem
from leeward.state_machines.fields.field_types import Slug
from leeward.state_machines.fragments.actions.server_groups import LAUNCH_POLL_INTERVAL, groups_json
from leeward.state_machines.fragments.patterns.single_action import build_single_wait
from leeward.state_machines.fragments.step_context import Fragment, StepContext
from leeward.state_machines.rules.step_scope import StepScope
from leeward.state_machines.step_kinds.step_effects import DrillEnd, StepEffect
from leeward.state_machines.step_kinds.step_model import StepModel


class DrsTerminateStep(StepModel):
    """Terminate the groups' drill instances that this run launched, or a run that it took over. No others."""

    default_timeout: ClassVar[timedelta] = timedelta(minutes=20)

    kind: Literal["drs.terminate"]
    groups: tuple[Slug, ...] = Field(description="The drs.servers components whose instances to terminate")
    in_: Side = Field("target", alias="in", description="The Region of the instances: target (default) or origin")

    @property
    def effects(self) -> tuple[StepEffect, ...]:
        """Return what this step does to servers, traffic, and protection."""
        return (DrillEnd(self.groups, self.in_),)


def check(step: DrsTerminateStep, scope: StepScope) -> Iterator[DocumentProblem]:
    """Check that the groups exist."""
    yield from scope.check_groups(step.groups, step.in_)


def compile(step: DrsTerminateStep, context: StepContext) -> Fragment:
    """Build one poll loop."""
    parameters: JsonObject = {
        "groups": groups_json(context.application, step.groups),
        "region": context.run_regions.region(step.in_),
    }
    comment = "Terminate the instances that this run's own jobs launched, and no others"
    return build_single_wait(context, "drs_recover_undo", parameters, LAUNCH_POLL_INTERVAL, comment)


def keeps_effect(_step: DrsTerminateStep) -> bool:
    """Return True: the step itself undoes another step."""
    return True
