"""Stops states as AWS does: by StopExecution, the machine's TimeoutSeconds, or a failed sibling in Parallel or Map.

The interpreter evaluates a state in its own thread and waits for it. A stop must wake that wait. The abandoned thread
continues to run, as a handler does on AWS, but it must not change the history.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from moto.stepfunctions.parser.asl.component.common.retry import retrier_decl
from moto.stepfunctions.parser.asl.component.state.exec import execute_state
from moto.stepfunctions.parser.asl.eval.environment import Environment
from moto.stepfunctions.parser.asl.eval.event.event_manager import EventManager

from leeward.twin.engine.scheduling.current_scheduler import current_scheduler
from leeward.twin.engine.virtual_threads.sync_primitives import VirtualEvent
from leeward.twin.engine.virtual_threads.threading_substitutes import VIRTUAL_THREADING
from leeward.twin.patching.attribute_replacement import replace_attribute

# AWS's quota for one Standard execution. It also ends a polling loop without a Wait.
MAX_HISTORY_EVENTS = 25_000


class _StateWaitEvent(VirtualEvent):
    """An event that is set when the environment of its state is stopped."""

    def __init__(self) -> None:
        super().__init__()
        _waiting_events(current_scheduler().running_task.state_environment).append(self)


def _waiting_events(environment: Any) -> list[VirtualEvent]:
    waits: list[VirtualEvent] = environment.__dict__.setdefault("_twin_waits", [])
    return waits


def wake_states_on_stop() -> None:
    """Wake a waiting state when its execution is stopped or times out.

    In unpatched moto, StopExecution waits until the handler ends, and a state that waits for a task token ends FAILED
    at its own timeout, or never. With the patch, the execution ends ABORTED or TIMED_OUT at exactly the time of the
    stop.
    """

    def evaluate_with_timeout(self: Any, env: Any) -> None:
        task = current_scheduler().running_task
        outer, task.state_environment = task.state_environment, env
        try:
            evaluate(self, env)
        except IndexError:  # woken by a stop: the state has no output
            if env.is_running():
                raise
        finally:
            task.state_environment = outer
            _waiting_events(env).clear()

    evaluate = replace_attribute(execute_state.ExecutionState, "_evaluate_with_timeout", evaluate_with_timeout)
    replace_attribute(
        execute_state, "threading", SimpleNamespace(**{**vars(VIRTUAL_THREADING), "Event": _StateWaitEvent})
    )
    for name in ("set_stop", "set_timed_out"):
        _wake_before_call(name)


def _wake_before_call(name: str) -> None:
    def waking(self: Any, *args: Any, **options: Any) -> None:
        for event in _waiting_events(self):
            event.set()
        original(self, *args, **options)

    original = replace_attribute(Environment, name, waking)


def end_backoff_on_stop() -> None:
    """End the backoff of a Retry when the execution is stopped. Unpatched moto always sleeps to its end."""

    def eval_body(self: Any, env: Any) -> None:
        task = current_scheduler().running_task
        outer, task.state_environment = task.state_environment, env
        try:
            evaluate(self, env)
        finally:
            task.state_environment = outer
            _waiting_events(env).clear()

    def sleep(seconds: float) -> None:
        _StateWaitEvent().wait(seconds)

    evaluate = replace_attribute(retrier_decl.RetrierDecl, "_eval_body", eval_body)
    replace_attribute(retrier_decl, "time", SimpleNamespace(sleep=sleep))


def silence_abandoned_tasks() -> None:
    """Ignore the history events of abandoned tasks.

    In unpatched moto, a handler that outlives its state's timeout, or a branch whose sibling failed, continues to add
    events to the history, even after the last event of the execution.
    """

    def evaluate_with_timeout(self: Any, env: Any) -> None:
        task = current_scheduler().running_task
        previous_count = len(task.children)
        try:
            evaluate(self, env)
        finally:
            for child in task.children[previous_count:]:
                child.is_marked_abandoned = True  # this includes every task that the child started
            del task.children[previous_count:]

    def add_event(self: Any, context: Any, event_type: Any, *args: Any, **options: Any) -> Any:
        if current_scheduler().running_task.is_abandoned():
            return -1
        return add(self, context, event_type, *args, **options)

    evaluate = replace_attribute(execute_state.ExecutionState, "_evaluate_with_timeout", evaluate_with_timeout)
    add = replace_attribute(EventManager, "add_event", add_event)


def enforce_event_quota() -> None:
    """Enforce the quota of 25,000 history events, which unpatched moto lacks.

    A loop without a Wait would never end, because virtual time does not advance.
    """

    def add_event(self: Any, context: Any, event_type: Any, *args: Any, **options: Any) -> Any:
        if len(self._history_event_list) >= MAX_HISTORY_EVENTS and not str(event_type.value).startswith("Execution"):
            raise RuntimeError(f"the execution reached the maximum number of history events ({MAX_HISTORY_EVENTS})")
        return add(self, context, event_type, *args, **options)

    add = replace_attribute(EventManager, "add_event", add_event)
