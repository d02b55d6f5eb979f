"""`wait`: wait for a fixed time, for conditions that no step can check."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from leeward.base import durations
from leeward.state_machines.asl import WaitState
from leeward.state_machines.diagnostics.problems import DocumentProblem
from leeward.state_machines.fields.field_types import Duration
from leeward.state_machines.fragments.step_context import Fragment, StepContext
from leeward.state_machines.rules.step_scope import StepScope
from leeward.state_machines.step_kinds.plan_values import StatedTime
from leeward.state_machines.step_kinds.step_model import StepModel


class TimedWaitStep(StepModel):
    """Wait for a fixed time. Prefer a step that checks the condition."""

    kind: Literal["wait"]
    for_: Duration = Field(alias="for", description="How long, such as 2m")

    @property
    def attempt_timeout_seconds(self) -> int:
        """Return how long the step takes, in seconds."""
        return int(self.for_.total_seconds())


def check(step: TimedWaitStep, scope: StepScope) -> Iterator[DocumentProblem]:
    """Check that the step has no `on_failure` or `timeout`, because a wait can't fail."""
    for field in ("on_failure", "timeout"):
        if field in step.model_fields_set:
            yield scope.location.child(field).problem(
                f"a wait has no use for {field}: it cannot fail", hint="remove the line", key=True
            )


def compile(step: TimedWaitStep, context: StepContext) -> Fragment:
    """Build an ASL Wait state."""
    return Fragment(
        {
            context.entry: WaitState(
                step.attempt_timeout_seconds, context.exits.done, f"Wait {durations.format_duration(step.for_)}"
            )
        }
    )


def stated_time(step: TimedWaitStep) -> StatedTime:
    """Return the time that the step waits."""
    seconds = step.for_.total_seconds()
    return StatedTime(seconds, seconds, "the document")
