"""The base model of all steps, and the definition of a step kind."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar, Generic, TypeVar

from pydantic import Field

from leeward.state_machines.application.run_direction import Side
from leeward.state_machines.diagnostics.problems import DocumentProblem
from leeward.state_machines.fields.failure_policy import FailurePolicy, PolicyField
from leeward.state_machines.fields.field_types import DocumentModel, Duration, StepName
from leeward.state_machines.fragments.step_context import Fragment, StepContext
from leeward.state_machines.rules.step_scope import StepScope


class StepModel(DocumentModel):
    """Base of the step models. Each model adds `kind` as a Literal and its own fields."""

    default_timeout: ClassVar[timedelta] = timedelta(minutes=2)
    default_policy: ClassVar[str] = "stop"

    name: StepName = Field(description="What the step does, in the application's terms. Unique in the runbook")
    on_failure: PolicyField | None = Field(
        None, description="stop (default), retry, ask, continue, undo, or {retry: 2, then: ask}"
    )
    timeout: Duration | None = Field(None, description="How long one attempt may take, such as 5m")

    @property
    def policy(self) -> FailurePolicy:
        """Return what follows this step's failure."""
        return self.on_failure or FailurePolicy.from_word(self.default_policy)

    @property
    def attempt_timeout(self) -> timedelta:
        """Return how long one attempt may take: `timeout`, or the kind's default."""
        return self.timeout or self.default_timeout

    @property
    def attempt_timeout_seconds(self) -> int:
        """Return the timeout of one attempt in seconds."""
        return int(self.attempt_timeout.total_seconds())


@dataclass(frozen=True, slots=True)
class StepLaunch:
    """The servers that a step launches. `groups` is empty for a native recovery plan, whose servers are
    unknown here.
    """

    groups: tuple[str, ...]
    side: Side
    is_drill: bool


S = TypeVar("S", bound=StepModel)


def _no_problems(_step: S, _scope: StepScope) -> Iterable[DocumentProblem]:
    return ()


def _always(_step: S) -> bool:
    return True


def _never(_step: S) -> bool:
    return False


def _no_value(_step: S) -> None:
    return None


def _one_wave(_step: S, _scope: StepScope) -> int:
    return 1


@dataclass(frozen=True, slots=True)
class StepKind(Generic[S]):
    """One kind of step: its model, and how load, validate, and compile handle it.

    - `check` finds the problems that need the application.
    - `undo` builds the states that undo the step. `can_undo` says whether a given step can be undone.
    - `keeps_effect` says that a rollback correctly leaves the step's effect.
    - `continues_after_failed_undo`: a failed undo doesn't stop the rollback, so that users get their resources back.
    - `changes_resources`: the step changes something in AWS, so it needs the lock.
    - `moves_traffic`: the step changes which Region users reach.
    - `count_waves` returns how many times the step's timeout the step may take.
    - `get_launch` returns the servers that the step launches.
    - `changed_target_group_side` returns the side whose load balancer targets the step changes.
    - `may_be_skipped`: a run's input may list the step in `skip`. control.run.run_reference.NEVER_SKIPPED has the other
      kinds.
    """

    model: type[S]
    compile: Callable[[S, StepContext], Fragment]
    check: Callable[[S, StepScope], Iterable[DocumentProblem]] = _no_problems
    undo: Callable[[S, StepContext], Fragment] | None = None
    can_undo: Callable[[S], bool] = _always
    keeps_effect: Callable[[S], bool] = _never
    continues_after_failed_undo: bool = False
    changes_resources: bool = False
    moves_traffic: bool = False
    may_be_skipped: bool = True
    count_waves: Callable[[S, StepScope], int] = _one_wave
    get_launch: Callable[[S], StepLaunch | None] = _no_value
    changed_target_group_side: Callable[[S], Side | None] = _no_value
