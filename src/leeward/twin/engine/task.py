"""A task: one line of work of the simulation, parked or holding the baton."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from greenlet import greenlet

if TYPE_CHECKING:
    from leeward.twin.engine.timers import Timer


class Surroundings(Protocol):
    """State of the process that belongs to one task and must leave with it when it gives the baton away."""

    def enter(self) -> None:
        """Put the task's own state in place."""
        ...

    def leave(self) -> None:
        """Keep the task's state aside and put the state from before in place."""
        ...


@dataclass(eq=False, slots=True)
class Limit:
    """The instant at which a task's present work is ended, and with which exception."""

    at: int
    error: Callable[[], BaseException]
    struck: bool = False


class Task:
    """One line of work. `eq` is identity; the order of creation is the order of everything else."""

    __slots__ = (
        "abandoned", "body", "caller", "carrier", "children", "done", "exc", "inline", "killed", "limit", "name",
        "parent", "parked", "state", "surroundings", "timer", "why", "woken",
    )  # fmt: skip

    def __init__(self, name: str, body: Callable[[], object] | None = None, parent: Task | None = None) -> None:
        self.name = name
        self.body = body
        self.parent = parent
        # The stack that it runs on; None until its first turn.
        self.carrier: greenlet | None = None
        self.why = "not started"
        self.timer: Timer | None = None
        self.parked = self.woken = self.done = self.killed = self.inline = False
        # Its state ended without it: what it still does leaves no event in the history.
        self.abandoned = False
        self.exc: BaseException | None = None
        # The function whose handler runs here; faults strike only where there is one.
        self.caller: str | None = None
        self.limit: Limit | None = None
        self.surroundings: Surroundings | None = None
        # The interpreter's environment (moto's, untyped) of the state that this task evaluates, for messages.
        self.state: Any = None
        self.children: list[Task] = []

    def is_abandoned(self) -> bool:
        """Whether this task, or one that led to it, was abandoned."""
        task: Task | None = self
        while task is not None:
            if task.abandoned:
                return True
            task = task.parent
        return False

    def state_name(self) -> str:
        """The state on behalf of which it runs; empty for an actor."""
        task: Task | None = self
        while task is not None and task.state is None:
            task = task.parent
        return "" if task is None else str(task.state.next_state_name or "")

    def describe(self) -> str:
        """`who: waits for what`, naming the state where it is known."""
        state = getattr(self.state, "next_state_name", None)
        where = f" in state {state!r}" if state else ""
        return f"{self.caller or self.name}{where}: {self.why}"
