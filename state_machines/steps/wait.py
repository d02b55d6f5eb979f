"""`wait`: let time pass, for what can't be looked at."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from leeward.common import durations
from leeward.state_machines.asl import Wait as WaitState
from leeward.state_machines.compile.context import Context, Fragment
from leeward.state_machines.documents.fields import Duration
from leeward.state_machines.problems import Problem
from leeward.state_machines.steps.base import StepKind, StepModel
from leeward.state_machines.validate.scope import StepScope


class Wait(StepModel):
    """Let time pass. Prefer a step that looks at what is waited for."""

    kind: Literal["wait"]
    for_: Duration = Field(alias="for", description="How long, such as 2m")

    @property
    def seconds(self) -> int:
        """How long the step takes."""
        return int(self.for_.total_seconds())


def check(step: Wait, scope: StepScope) -> Iterator[Problem]:
    """A wait cannot fail, and takes as long as it takes."""
    for field in ("on_failure", "timeout"):
        if field in step.model_fields_set:
            yield scope.place.at(field).problem(
                f"a wait has no use for {field}: it cannot fail", hint="remove the line", key=True
            )


def compile(step: Wait, context: Context) -> Fragment:
    """An ASL Wait."""
    return Fragment({context.entry: WaitState(step.seconds, context.exits.done, f"Wait {durations.show(step.for_)}")})


KIND = StepKind(Wait, compile, check=check)
