"""What can strike a call, and the rules that say which call is struck."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from leeward.twin.interception.calls.aws_calls import CallTarget
from leeward.twin.interception.calls.operation_names import resolve_operation


class FaultKind(StrEnum):
    """Kinds of failure. All but ANSWER_LOST strike before anything is carried out."""

    THROTTLED = "throttled"
    """AWS asks to slow down, with the service's own code."""
    SERVER_ERROR = "server error"
    """A 5xx answer."""
    CONNECTION_REFUSED = "connection refused"
    """No connection: the endpoint refuses it at once."""
    CONNECTION_TIMED_OUT = "connection timed out"
    """No connection: packets are swallowed until the client gives up connecting."""
    ANSWER_LOST = "answer lost"
    """The call is carried out, and the answer never comes: the client gives up reading."""
    ACCESS_DENIED = "access denied"
    """The role lacks the permission."""
    CREDENTIALS_EXPIRED = "credentials expired"
    """The role's credentials have expired."""
    KILLED_BEFORE_CALL = "killed before the call"
    """The function's process dies; the call is never sent."""
    KILLED_AFTER_CALL = "killed after the call"
    """The call is carried out, and the function's process dies before it has read the answer."""
    EMPTY_LIST = "an empty list"
    """Every list of the answer is empty."""
    INCOMPLETE_LIST = "an incomplete list"
    """One list of the answer lacks one of its items, as lists do that are eventually consistent."""
    UNKNOWN_VALUE = "a new value"
    """One word of the answer, where the model lists the words there are, is one that it does not list."""
    MISSING_FIELD = "a missing field"
    """One field of the answer that the model does not require is not there."""


@dataclass(slots=True)
class FaultRule:
    """Strike the `nth` matching call and the following, `times` in all (None: for ever). `operation` is
    `drs:StartRecovery` or `drs:*`, by either name that `operation_named` knows, or `*`. Each attempt of a client that
    retries is a call of its own."""

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
        """Count the call when it matches; whether it is struck."""
        if self.operation not in ("*", target.name, f"{target.service}:*") or (
            self.region is not None and self.region != target.region
        ):
            return False
        self.match_count += 1
        if self.match_count < self.nth or (self.times is not None and self.match_count >= self.nth + self.times):
            return False
        self.injected_count += 1
        return True
