"""The faults of Lambda invocations, and the rules that select the invocations."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from leeward.twin.engine.lambda_runtime.faults.invocation_errors import (
    InvocationError,
    Moment,
    UnknownInvocationError,
    find_invocation_error,
)


class InvocationFault(StrEnum):
    """A fault that affects an invocation as a whole."""

    RUN_TWICE = "run twice"
    """The handler runs to its end, and then a second time with the same event. The caller receives the second result.
    """
    TIMED_OUT = "timed out"
    """The handler does all its work, but the function times out before it returns."""


@dataclass(frozen=True, slots=True)
class FailedInvocation:
    """A fault that ends an invocation with `error`, before or after the handler has done its work.

    `seconds` pass before an error that occurs before the handler.
    """

    error: InvocationError
    moment: Moment
    seconds: float = 0
    message: str = ""

    @classmethod
    def from_name(cls, name: str, moment: Moment | None = None) -> FailedInvocation:
        """Return the fault. Without a moment, the handler does its work if the error can occur after it.

        This is the harder case for the caller. Raises UnknownInvocationError for an unknown name or a moment at which
        the error can't occur.
        """
        error = find_invocation_error(name)
        chosen = moment or error.moments[-1]
        if chosen not in error.moments:
            raise UnknownInvocationError(f"{name} can occur only {error.moments[0]} the handler, not {chosen} it")
        return cls(error, chosen)


class InvokedFunction(Protocol):
    """The function that is invoked, as a fault plan sees it."""

    @property
    def name(self) -> str:
        """The name of the function."""
        ...

    @property
    def region(self) -> str:
        """The function's Region."""
        ...


AnyInvocationFault = InvocationFault | FailedInvocation
# Called for each invocation. Returns the fault to inject, or None.
InvocationFaultPlan = Callable[[InvokedFunction], AnyInvocationFault | None]
# Called for each invocation with the function's Region. Returns the fault of a Lambda outage in the Region, or None.
LambdaOutageLookup = Callable[[str], FailedInvocation | None]


@dataclass(slots=True)
class InvocationFaultRule:
    """Fails the `nth` invocation of `functions` and the ones after it, `times` in total (None: without limit).

    `functions` are the names of one function. It can have several, as each deployment has its own.
    """

    functions: frozenset[str]
    fault: FailedInvocation
    nth: int = 1
    times: int | None = 1
    match_count: int = 0
    injected_count: int = 0

    def __post_init__(self) -> None:
        if self.nth < 1 or (self.times is not None and self.times < 1):
            raise ValueError("nth and times count from 1")

    def count_and_match(self, function: InvokedFunction) -> bool:
        """Count the invocation if it is of this function, and return whether to inject the fault."""
        if function.name not in self.functions:
            return False
        self.match_count += 1
        if self.match_count < self.nth or (self.times is not None and self.match_count >= self.nth + self.times):
            return False
        self.injected_count += 1
        return True


class InvocationFaults:
    """Chooses the fault of each invocation: first that of a Lambda outage, then that of the plan, then of a rule."""

    def __init__(self) -> None:
        self.plan: InvocationFaultPlan | None = None
        self.find_outage: LambdaOutageLookup = lambda _: None
        self._rules: list[InvocationFaultRule] = []

    def add_rule(self, rule: InvocationFaultRule) -> None:
        """Add a rule. When several rules match an invocation, the first one decides."""
        self._rules.append(rule)

    def choose(self, function: InvokedFunction) -> AnyInvocationFault | None:
        """Return the fault of this invocation, or None. The plan and every rule count each invocation."""
        planned = self.plan(function) if self.plan is not None else None
        matching_rules = [rule for rule in self._rules if rule.count_and_match(function)]
        return self.find_outage(function.region) or planned or (matching_rules[0].fault if matching_rules else None)
