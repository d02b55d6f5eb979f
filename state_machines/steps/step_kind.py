"""What every step has, and what a step kind is made of."""

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
    """Base of the step models; each adds `kind` as a Literal and its own fields."""

    default_timeout: ClassVar[timedelta] = timedelta(minutes=2)
    default_policy: ClassVar[str] = "stop"

    name: StepName = Field(description="What the step does, in the application's own words; unique in the runbook")
    on_failure: PolicyField | None = Field(
        None, description="stop (default), retry, ask, continue, undo, or {retry: 2, then: ask}"
    )
    timeout: Duration | None = Field(None, description="How long one attempt may take, such as 5m")

    @property
    def policy(self) -> FailurePolicy:
        """What follows this step's failure."""
        return self.on_failure or FailurePolicy.from_word(self.default_policy)

    @property
    def attempt_timeout(self) -> timedelta:
        """How long one attempt may take, written or by default."""
        return self.timeout or self.default_timeout

    @property
    def attempt_timeout_seconds(self) -> int:
        """`span` in seconds."""
        return int(self.attempt_timeout.total_seconds())


@dataclass(frozen=True, slots=True)
class StepLaunch:
    """What a step launches. A native recovery plan's servers are not known here: no groups."""

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
    """One kind of step: its model and what load, validate and compile do with it.

    `check` finds the problems that need the application. `undo` builds the states that take the step's effect back,
    where `can_undo` says that this step's can be; where `stays` says so, the way back rightly leaves what the step did.
    `may_be_left`: when its undo fails, the way back goes on all the same, to give back what users stand on.
    `changes`: the step changes something in AWS, so it needs the lock. `rounds`: how many times the step's time the
    step may take (waves). `launch`: the servers that it launches. `balances`: on which side it changes whom the load
    balancer sends users to. `may_be_skipped`: a run's input may name the step in `skip`; control.run.NEVER_SKIPPED says
    the same of the kinds.
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
