"""The kinds of faults that a call can have, and the rules that select the calls."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from leeward.twin.interception.calls.aws_calls import CallTarget
from leeward.twin.interception.calls.operation_names import resolve_operation


class FaultKind(StrEnum):
    """How an AWS call fails. The values are the names in scenarios and in the ids of a sweep's faults.

    Unless noted, the call is not carried out.
    """

    THROTTLED = "throttled"
    """AWS asks the client to slow down, with the service's own error code."""
    SERVER_ERROR = "server-error"
    """A 5xx response."""
    CONNECTION_REFUSED = "refused"
    """The endpoint refuses the connection at once."""
    CONNECTION_TIMED_OUT = "timed-out"
    """Packets are dropped until the client's connect timeout."""
    ANSWER_LOST = "answer-lost"
    """The call is carried out, and its response never arrives: the client's read timeout expires."""
    ACCESS_DENIED = "denied"
    """The role lacks the permission."""
    CREDENTIALS_EXPIRED = "expired"
    """The role's credentials have expired."""
    EMPTY_LIST = "empty"
    """The call is carried out. Every list in its response is empty."""
    INCOMPLETE_LIST = "incomplete"
    """The call is carried out. One list in its response lacks one item, as eventually consistent lists may."""
    UNKNOWN_VALUE = "new-value"
    """The call is carried out. One enumerated field in its response has a value that the service model doesn't list."""
    MISSING_FIELD = "missing"
    """The call is carried out. One optional field is absent from its response."""
    KILLED_BEFORE_CALL = "killed-before"
    """The function's process dies before it sends the call."""
    KILLED_AFTER_CALL = "killed-after"
    """The call is carried out, and the function's process dies before it reads the response."""


# The fault that takes effect when a call would be sent. All others do when it reaches AWS.
_AT_ONCE = FaultKind.KILLED_BEFORE_CALL


@dataclass(slots=True)
class FaultRule:
    """Injects a fault into the `nth` matching call and the calls after it, `times` in total (None: without limit).

    `operation` is `drs:StartRecovery` or `drs:*`, with either service name that `resolve_operation` accepts, or `*`.
    Each attempt of a client that retries counts as a call.
    """

    operation: str
    fault: FaultKind
    nth: int = 1
    times: int | None = 1
    region: str | None = None
    match_count: int = 0
    injected_count: int = 0

    def __post_init__(self) -> None:
        if self.operation != "*":
            self.operation = resolve_operation(self.operation)
        if self.nth < 1 or (self.times is not None and self.times < 1):
            raise ValueError("nth and times count from 1")

    def count_and_match(self, target: CallTarget) -> bool:
        """Count the call if it matches, and return whether to inject the fault."""
        if self.operation not in ("*", target.name, f"{target.service}:*") or (
            self.region is not None and self.region != target.region
        ):
            return False
        self.match_count += 1
        if self.match_count < self.nth or (self.times is not None and self.match_count >= self.nth + self.times):
            return False
        self.injected_count += 1
        return True


class FaultRules:
    """The rules of one run. Each rule counts each call. When several rules match a call, the first one decides."""

    def __init__(self) -> None:
        self._rules: list[FaultRule] = []

    def add(self, rule: FaultRule) -> None:
        """Add a rule."""
        self._rules.append(rule)

    def remove(self, rule: FaultRule) -> None:
        """Remove a rule that was added, so that it no longer matches any call."""
        self._rules.remove(rule)

    def kills_before(self, target: CallTarget) -> bool:
        """Return whether a rule kills the function's process before it sends this call. Ask once for each call."""
        matching = [rule for rule in self._rules if rule.fault is _AT_ONCE and rule.count_and_match(target)]
        return bool(matching)

    def find_fault(self, target: CallTarget) -> FaultKind | None:
        """Return the fault of a call that reaches AWS, or None. Ask once for each call."""
        matching = [rule for rule in self._rules if rule.fault is not _AT_ONCE and rule.count_and_match(target)]
        return matching[0].fault if matching else None
