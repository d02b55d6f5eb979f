"""The events of the tasks, as the state machines send them. Unknown members are refused."""

from __future__ import annotations

from typing import Generic, TypeVar

from pydantic import BaseModel, ConfigDict, PositiveInt

from leeward.common.polling import PollState
from leeward.control.run.run_reference import RunbookStep, RunRef

__all__ = [
    "BeginEvent",
    "DetailResult",
    "Parameters",
    "RegionalParameters",
    "RunEvent",
    "RunRef",
    "RunTokenEvent",
    "StepAttempt",
    "StepReportEvent",
    "TaskEvent",
    "TaskResult",
    "TokenEvent",
    "WaitingEvent",
]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class StepAttempt(RunbookStep):
    """The step that a task belongs to; `attempt` counts from 1."""

    attempt: PositiveInt


class Parameters(_Model):
    """Base of a task's own parameters."""

    @property
    def part(self) -> str | None:
        """Which of the parts that a step does side by side this is; None when the task is the whole step."""
        return None


class RegionalParameters(Parameters):
    """Base of the parameters of a task that acts in one Region: by default the one that the run enters."""

    region: str | None = None


P = TypeVar("P", bound=Parameters)


class BeginEvent(_Model, Generic[P]):
    """Of the first task, which makes the run's reference."""

    parameters: P


class RunEvent(_Model, Generic[P]):
    """Of a task that belongs to the run as a whole."""

    run: RunRef
    parameters: P


class RunTokenEvent(RunEvent[P], Generic[P]):
    """Of the task whose token the execution is failed by."""

    token: str

    def __repr__(self) -> str:
        return f"EndingEvent(run={self.run.id!r})"  # never the token


class StepReportEvent(_Model, Generic[P]):
    """Of a task that tells of a step without being part of it."""

    run: RunRef
    step: StepAttempt
    parameters: P


class TaskEvent(_Model, Generic[P]):
    """Of a task that does a step at one go."""

    run: RunRef
    step: StepAttempt
    parameters: P


class WaitingEvent(TaskEvent[P], Generic[P]):
    """Of a task that is called until its goal is reached."""

    poll: PollState


class TokenEvent(TaskEvent[P], Generic[P]):
    """Of a task whose state waits for a token to come back."""

    token: str

    def __repr__(self) -> str:
        return f"TokenEvent(run={self.run.id!r}, step={self.step.id!r})"  # never the token


class TaskResult(_Model):
    """Base of what tasks answer."""


class DetailResult(TaskResult):
    """One line for people: the answer of a task that has nothing else to say."""

    detail: str
