"""Verifies, before the first call of a task that changes something in AWS, that the task may still act.

A task of a run acts only while its run holds the application's lock. Most tasks verify that with the journal entry that
precedes their work (`control.locking.application_lock.lock_fence`). A later poll writes nothing, unless it finds
something new, but it may complete what an earlier call left undone. For that case, every client of
`common.aws.clients` calls `before_call`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Protocol

# Operations with these prefixes only read. Every other one counts as a change.
_READING_PREFIXES = ("Describe", "Get", "List", "Query", "Scan", "BatchGet", "Head", "Search", "Lookup", "Test")
# Step Functions gets only reports of the run about itself.
_UNGUARDED_SERVICES = frozenset({"stepfunctions"})


class _Operation(Protocol):
    @property
    def name(self) -> str: ...

    @property
    def service_model(self) -> Any: ...


class ChangeGuard:
    """Calls `verify` before the first change of one invocation, unless `note_verified` was called.

    `verify` raises LockLost. Writes to `own_table`, the state table, have conditions of their own.
    """

    def __init__(self, verify: Callable[[], None], own_table: str) -> None:
        self._verify, self._own_table = verify, own_table
        self._is_verified = False

    def note_verified(self) -> None:
        """Record that a write of this invocation proved that the task may act."""
        self._is_verified = True

    def check(self, operation: _Operation, parameters: Mapping[str, Any]) -> None:
        """Verify if the call is the first change."""
        if self._is_verified or operation.name.startswith(_READING_PREFIXES):
            return
        if operation.service_model.service_name in _UNGUARDED_SERVICES or self._is_own_table(parameters):
            return
        self.require_verified()

    def require_verified(self) -> None:
        """Verify, unless this invocation has done so. Raises the error of `verify`."""
        if not self._is_verified:
            self._verify()
            self._is_verified = True

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
