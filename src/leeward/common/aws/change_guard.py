"""Verifies, before a call of a task that changes something in AWS, that the task may still act.

A task of a run acts only while its run holds the application's lock. Most tasks verify that with the journal entry that
precedes their work (`control.locking.application_lock.lock_fence`). A later poll writes nothing, unless it finds
something new, but it may complete what an earlier call left undone. And a task that is slow, or that looks again after
a pause, may have lost the lock since it verified it. For these cases, every client of `common.aws.clients` calls
`before_call`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Protocol

# Operations with these prefixes only read. Every other one counts as a change.
_READING_PREFIXES = ("Describe", "Get", "List", "Query", "Scan", "BatchGet", "Head", "Search", "Lookup", "Test")
# Step Functions gets only reports of the run about itself.
_UNGUARDED_SERVICES = frozenset({"stepfunctions"})
# A verification counts for so long. A run whose lock was taken over begins no change later than that. A change that has
# begun can take longer to arrive (base/client_timeouts.py), so a shorter time would cost calls and hardly help.
VERIFIED_SECONDS = 5.0


class _Operation(Protocol):
    @property
    def name(self) -> str: ...

    @property
    def service_model(self) -> Any: ...


class ChangeGuard:
    """Calls `verify` before a change, unless a verification of the invocation is at most VERIFIED_SECONDS old.

    `verify` raises LockLost. Writes to `own_table`, the state table, have conditions of their own.
    """

    def __init__(self, verify: Callable[[], None], own_table: str) -> None:
        self._verify, self._own_table = verify, own_table
        self._verified_at: float | None = None

    def note_verified(self) -> None:
        """Record that a write of this invocation has just proved that the task may act."""
        self._verified_at = time.monotonic()

    def check(self, operation: _Operation, parameters: Mapping[str, Any]) -> None:
        """Verify if the call is a change."""
        if operation.name.startswith(_READING_PREFIXES):
            return
        if operation.service_model.service_name in _UNGUARDED_SERVICES or self._is_own_table(parameters):
            return
        self.require_verified()

    def require_verified(self) -> None:
        """Verify, unless this invocation has just done so. Raises the error of `verify`."""
        began = time.monotonic()
        if self._verified_at is None or began - self._verified_at > VERIFIED_SECONDS:
            self._verify()
            self._verified_at = began

    def _is_own_table(self, parameters: Mapping[str, Any]) -> bool:
        return parameters.get("TableName") == self._own_table or "TransactItems" in parameters


_current: ContextVar[ChangeGuard | None] = ContextVar("change_guard", default=None)


def note_verified() -> None:
    """Record that a write of this invocation proved that the task may act."""
    guard = _current.get()
    if guard is not None:
        guard.note_verified()


@contextmanager
def guard_changes(guard: ChangeGuard | None) -> Iterator[None]:
    """Use the guard for the calls within this context. None turns it off."""
    token = _current.set(guard)
    try:
        yield
    finally:
        _current.reset(token)


def before_call(params: Mapping[str, Any], model: _Operation, **_: object) -> None:
    """Check a call. botocore emits the event `provide-client-params` with these arguments."""
    guard = _current.get()
    if guard is not None:
        guard.check(model, params)
