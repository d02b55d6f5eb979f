"""Stopping: by StopExecution, by the machine's own TimeoutSeconds, by a failed sibling in Parallel or Map.

The interpreter evaluates a state in a thread of its own and waits for it. A stop has to wake that wait; what the
abandoned thread still does (on AWS too a handler runs on) must leave no trace in the history.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from moto.stepfunctions.parser.asl.component.common.retry import retrier_decl
from moto.stepfunctions.parser.asl.component.state.exec import execute_state
from moto.stepfunctions.parser.asl.eval.environment import Environment
from moto.stepfunctions.parser.asl.eval.event.event_manager import EventManager

from leeward.twin.engine.baton import current
from leeward.twin.engine.primitives import Event
from leeward.twin.engine.repairs.replacing import replace
from leeward.twin.engine.threads import THREADING

# AWS's quota for one Standard execution; also what ends a polling loop that has no Wait.
MOST_EVENTS = 25_000


class _StateEvent(Event):
    """An event that whoever stops its state's environment sets."""

    def __init__(self) -> None:
        super().__init__()
        _waits(current().holder.state).append(self)


def _waits(environment: Any) -> list[Event]:
    waits: list[Event] = environment.__dict__.setdefault("_twin_waits", [])
    return waits


def stop_wakes_states() -> None:
    """Raw moto's StopExecution waits until the handler ends; a wait for a task token ends FAILED at its own timeout,
    or never. Here ABORTED (or TIMED_OUT) at exactly that time."""

    def evaluate_with_timeout(self: Any, env: Any) -> None:
        task = current().holder
        outer, task.state = task.state, env
        try:
            evaluate(self, env)
        except IndexError:  # woken by a stop: the state left no output
            if env.is_running():
                raise
        finally:
            task.state = outer
            _waits(env).clear()

    evaluate = replace(execute_state.ExecutionState, "_evaluate_with_timeout", evaluate_with_timeout)
    replace(execute_state, "threading", SimpleNamespace(**{**vars(THREADING), "Event": _StateEvent}))
    for name in ("set_stop", "set_timed_out"):
        _wake_first(name)


def _wake_first(name: str) -> None:
    def waking(self: Any, *args: Any, **options: Any) -> None:
        for event in _waits(self):
            event.set()
        original(self, *args, **options)

    original = replace(Environment, name, waking)


def stop_ends_back_off() -> None:
    """Raw moto sleeps through a Retry's back-off whatever happens."""

    def eval_body(self: Any, env: Any) -> None:
        task = current().holder
        outer, task.state = task.state, env
        try:
            evaluate(self, env)
        finally:
            task.state = outer
            _waits(env).clear()

    def sleep(seconds: float) -> None:
        _StateEvent().wait(seconds)

    evaluate = replace(retrier_decl.RetrierDecl, "_eval_body", eval_body)
    replace(retrier_decl, "time", SimpleNamespace(sleep=sleep))


def abandoned_tasks_are_silent() -> None:
    """In raw moto a handler that outlives its state's timeout, or a branch whose sibling failed, goes on writing events
    into the history, even after the execution's last."""

    def evaluate_with_timeout(self: Any, env: Any) -> None:
        task = current().holder
        older = len(task.children)
        try:
            evaluate(self, env)
        finally:
            for child in task.children[older:]:
                child.abandoned = True  # and with it all that it started
            del task.children[older:]

    def add_event(self: Any, context: Any, event_type: Any, *args: Any, **options: Any) -> Any:
        if current().holder.is_abandoned():
            return -1
        return add(self, context, event_type, *args, **options)

    evaluate = replace(execute_state.ExecutionState, "_evaluate_with_timeout", evaluate_with_timeout)
    add = replace(EventManager, "add_event", add_event)


def event_quota() -> None:
    """Raw moto knows no limit of 25,000 history events: a loop without a Wait never ends, for time stands still."""

    def add_event(self: Any, context: Any, event_type: Any, *args: Any, **options: Any) -> Any:
        if len(self._history_event_list) >= MOST_EVENTS and not str(event_type.value).startswith("Execution"):
            raise RuntimeError(f"the execution reached the maximum number of history events ({MOST_EVENTS})")
        return add(self, context, event_type, *args, **options)

    add = replace(EventManager, "add_event", add_event)
