"""`drs.discard`: delete the copies that a drill's reversal created."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import ClassVar, Literal

from pydantic import Field

from leeward.state_machines.application.run_direction import Side
from leeward.state_machines.asl import JsonObject
from leeward.state_machines.diagnostics.problems import DocumentProblem
from leeward.state_machines.fields.field_types import Slug
from leeward.state_machines.fragments.actions.server_groups import groups_json, region_parameters
from leeward.state_machines.fragments.patterns.poll_loop import PollInterval
from leeward.state_machines.fragments.patterns.single_action import build_single_wait
from leeward.state_machines.fragments.step_context import Fragment, StepContext
from leeward.state_machines.rules.step_scope import StepScope
from leeward.state_machines.step_kinds.step_effects import CopyDiscard, StepEffect
from leeward.state_machines.step_kinds.step_model import StepModel

_POLL_INTERVAL = PollInterval(first_seconds=10, longest_seconds=30)


class DrsDiscardStep(StepModel):
    """Stop, disconnect, and delete the source servers that this run created when it reversed a drill's instances.

    A drill's instance can't be terminated while it replicates back, so this step comes before its termination.
    """

    default_timeout: ClassVar[timedelta] = timedelta(minutes=20)

    kind: Literal["drs.discard"]
    groups: tuple[Slug, ...] = Field(description="The drs.servers components whose copies to delete")
    in_: Side = Field("target", alias="in", description="The Region of the copies: target (default) or origin")

    @property
    def effects(self) -> tuple[StepEffect, ...]:
        """Return what this step does to servers, traffic, and protection."""
        return (CopyDiscard(self.groups, self.in_),)


def check(step: DrsDiscardStep, scope: StepScope) -> Iterator[DocumentProblem]:
    """Check that the groups exist."""
    yield from scope.check_groups(step.groups, step.in_)


def compile(step: DrsDiscardStep, context: StepContext) -> Fragment:
    """Build one poll loop."""
    parameters: JsonObject = {"groups": groups_json(context.application, step.groups)} | region_parameters(
        context, step.in_
    )
    comment = "Stop and delete the copies that this run's own reversal created, and no others"
    return build_single_wait(context, "drs_discard", parameters, _POLL_INTERVAL, comment)


def keeps_effect(_step: DrsDiscardStep) -> bool:
    """Return True: the step itself undoes another step."""
    return True
