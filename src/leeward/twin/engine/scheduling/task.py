"""A task: one line of work of the simulation, parked or holding the baton."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from greenlet import greenlet

if TYPE_CHECKING:
    from leeward.twin.engine.scheduling.timers import Timer


class TaskLocalState(Protocol):
    """State of the process that belongs to one task and must leave with it when it gives the baton away."""

    def activate(self) -> None:
        """Put the task's own state in place."""
        ...

    def deactivate(self) -> None:
        """Keep the task's state aside and put the state from before in place."""
        ...


@dataclass(eq=False, slots=True)
class TaskDeadline:
    """The instant at which a task's present work is ended, and with which exception."""

    at_us: int
    make_error: Callable[[], BaseException]
    has_expired: bool = False


class SimulationTask:
    """One line of work. `eq` is identity; the order of creation is the order of everything else."""

    __slots__ = (
        "body",
        "calling_function",
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
        # The stack that it runs on; None until its first turn.
        self.stack: greenlet | None = None
        self.wait_reason = "not started"
        self.timer: Timer | None = None
        self.is_parked = self.was_woken = self.is_done = self.is_cancelled = self.is_inline = False
        # Its state ended without it: what it still does leaves no event in the history.
        self.is_marked_abandoned = False
        self.pending_error: BaseException | None = None
        # The function whose handler runs here; faults strike only where there is one.
        self.calling_function: str | None = None
        self.deadline: TaskDeadline | None = None
        self.local_state: TaskLocalState | None = None
        # The interpreter's environment (moto's, untyped) of the state that this task evaluates, for messages.
        self.state_environment: Any = None
        self.children: list[SimulationTask] = []

    def is_abandoned(self) -> bool:
        """Whether this task, or one that led to it, was abandoned."""
        task: SimulationTask | None = self
        while task is not None:
            if task.is_marked_abandoned:
                return True
            task = task.parent
        return False

    def find_state_name(self) -> str:
        """The state on behalf of which it runs; empty for an actor."""
        task: SimulationTask | None = self
        while task is not None and task.state_environment is None:
            task = task.parent
        return "" if task is None else str(task.state_environment.next_state_name or "")

    def describe(self) -> str:
        """`who: waits for what`, naming the state where it is known."""
        state = getattr(self.state_environment, "next_state_name", None)
        where = f" in state {state!r}" if state else ""
        return f"{self.calling_function or self.name}{where}: {self.wait_reason}"
