"""Event models of the tasks, as the state machines send them. Unknown fields are rejected."""

from __future__ import annotations

from typing import Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field, PositiveInt

from leeward.common.polling import PollState
from leeward.control.journal.hash_chain import HEAD_PATTERN
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
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class StepAttempt(RunbookStep):
    """The step that a task belongs to; `attempt` counts from 1. With `undo`, the task undoes the step."""

    attempt: PositiveInt
    undo: bool = False


class Parameters(_Model):
    """Base of a task's own parameters."""


class RegionalParameters(Parameters):
    """Base of the parameters of a task that acts in one Region. The default is the run's target Region."""

    region: str | None = None


P = TypeVar("P", bound=Parameters)


class BeginEvent(_Model, Generic[P]):
    """The event of the first task, which creates the run's reference."""

    parameters: P


class _OfRun(_Model):
    """Base of the events of a run's tasks. `head` is the last journal entry that an earlier task returned."""

    run: RunRef
    head: str | None = Field(None, pattern=HEAD_PATTERN)


class RunEvent(_OfRun, Generic[P]):
    """The event of a task that belongs to the whole run."""

    parameters: P


class RunTokenEvent(RunEvent[P], Generic[P]):
    """The event of the task whose token fails the execution."""

    token: str

    def __repr__(self) -> str:
        return f"RunTokenEvent(run={self.run.id!r})"  # never the token


class StepReportEvent(_OfRun, Generic[P]):
    """The event of a task that reports on a step without being part of it."""

    step: StepAttempt
    parameters: P


class TaskEvent(_OfRun, Generic[P]):
    """Base of the events of a step's own tasks."""

    step: StepAttempt
    parameters: P


class WaitingEvent(TaskEvent[P], Generic[P]):
    """The event of a task that is polled until it is done."""

    poll: PollState


class TokenEvent(TaskEvent[P], Generic[P]):
    """The event of a task whose state waits for its token."""

    token: str

    def __repr__(self) -> str:
        return f"TokenEvent(run={self.run.id!r}, step={self.step.id!r})"  # never the token


class TaskResult(_Model):
    """Base of task results."""


class DetailResult(TaskResult):
    """The result of a task that returns only one line of text for operators."""

    detail: str
