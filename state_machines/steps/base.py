"""What every step has, and what a step kind is made of."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar, Generic, TypeVar

from pydantic import Field

from leeward.state_machines.compile.context import Context, Fragment
from leeward.state_machines.documents.direction import Side
from leeward.state_machines.documents.fields import Document, Duration, StepName
from leeward.state_machines.documents.policy import FailurePolicy, Policy
from leeward.state_machines.problems import Problem
from leeward.state_machines.validate.scope import StepScope


class StepModel(Document):
    """Base of the step models; each adds `kind` as a Literal and its own fields."""

    default_timeout: ClassVar[timedelta] = timedelta(minutes=2)
    default_policy: ClassVar[str] = "stop"

    name: StepName = Field(description="What the step does, in the application's own words; unique in the runbook")
    on_failure: Policy | None = Field(
        None, description="stop (default), retry, ask, continue, undo, or {retry: 2, then: ask}"
    )
    timeout: Duration | None = Field(None, description="How long one attempt may take, such as 5m")

    @property
    def policy(self) -> FailurePolicy:
        """What follows this step's failure."""
        return self.on_failure or FailurePolicy.of(self.default_policy)

    @property
    def span(self) -> timedelta:
        """How long one attempt may take, written or by default."""
        return self.timeout or self.default_timeout

    @property
    def seconds(self) -> int:
        """`span` in seconds."""
        return int(self.span.total_seconds())


@dataclass(frozen=True, slots=True)
class Launch:
    """What a step launches. A native recovery plan's servers are not known here: no groups."""

    groups: tuple[str, ...]
    side: Side
    drill: bool


S = TypeVar("S", bound=StepModel)


def _nothing(_step: S, _scope: StepScope) -> Iterable[Problem]:
    return ()


def _always(_step: S) -> bool:
    return True


def _never(_step: S) -> bool:
    return False


def _none(_step: S) -> None:
    return None


def _once(_step: S, _scope: StepScope) -> int:
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
    compile: Callable[[S, Context], Fragment]
    check: Callable[[S, StepScope], Iterable[Problem]] = _nothing
    undo: Callable[[S, Context], Fragment] | None = None
    can_undo: Callable[[S], bool] = _always
    stays: Callable[[S], bool] = _never
    may_be_left: bool = False
    changes: bool = False
    moves_traffic: bool = False
    may_be_skipped: bool = True
    rounds: Callable[[S, StepScope], int] = _once
    launch: Callable[[S], Launch | None] = _none
    balances: Callable[[S], Side | None] = _none
