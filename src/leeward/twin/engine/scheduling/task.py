"""A task of the scheduler, which is either running, ready, or parked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from greenlet import greenlet

if TYPE_CHECKING:
    from leeward.twin.engine.scheduling.timers import Timer


class TaskLocalState(Protocol):
    """Process-wide state that belongs to one task. It is active only while the task runs."""

    def activate(self) -> None:
        """Activate the task's state."""
        ...

    def deactivate(self) -> None:
        """Save the task's state and restore the previous state."""
        ...


@dataclass(eq=False, slots=True)
class TaskDeadline:
    """The instant at which a task's current work must end, and the exception that ends it."""

    at_us: int
    make_error: Callable[[], BaseException]
    has_expired: bool = False


class SimulationTask:
    """One task of the simulation. Tasks compare by identity. Their order of creation determines all other orders."""

    __slots__ = (
        "body",
        "calling_function",
        "calling_state",
        "children",
        "deadline",
        "is_cancelled",
        "is_done",
        "is_inline",
        "is_marked_abandoned",
        "is_parked",
        "local_state",
        "name",
        "parent",
        "pending_error",
        "stack",
        "state_environment",
        "timer",
        "wait_reason",
        "was_woken",
    )  # fmt: skip

    def __init__(
        self, name: str, body: Callable[[], object] | None = None, parent: SimulationTask | None = None
    ) -> None:
        self.name = name
        self.body = body
        self.parent = parent
        # The greenlet that the task runs on; None until its first turn.
        self.stack: greenlet | None = None
        self.wait_reason = "not started"
        self.timer: Timer | None = None
        self.is_parked = self.was_woken = self.is_done = self.is_cancelled = self.is_inline = False
        # True when the state ended without this task. Its later events are not added to the history.
        self.is_marked_abandoned = False
        self.pending_error: BaseException | None = None
        # The function whose handler runs in this task. Faults are injected only into tasks that have one.
        self.calling_function: str | None = None
        # The state that invoked that function. A function can outlive its state, so this is kept from its start.
        self.calling_state = ""
        self.deadline: TaskDeadline | None = None
        self.local_state: TaskLocalState | None = None
        # The interpreter's environment (moto's, untyped) of the state that this task evaluates.
        self.state_environment: Any = None
        self.children: list[SimulationTask] = []

    def is_abandoned(self) -> bool:
        """Return whether this task, or one of its ancestors, was abandoned."""
        task: SimulationTask | None = self
        while task is not None:
            if task.is_marked_abandoned:
                return True
            task = task.parent
        return False

    def find_state_name(self) -> str:
        """Return the name of the state for which the task runs, or an empty string for an actor."""
        task: SimulationTask | None = self
        while task is not None and task.state_environment is None:
            task = task.parent
        return "" if task is None else str(task.state_environment.next_state_name or "")

    def describe(self) -> str:
        """Return `<task>: <what it waits for>`, with the name of the state if it is known."""
        state = getattr(self.state_environment, "next_state_name", None)
        where = f" in state {state!r}" if state else ""
        return f"{self.calling_function or self.name}{where}: {self.wait_reason}"
