"""Checks that each task is retried after the errors that can pass, and after no others."""

from __future__ import annotations

from collections.abc import Iterator

from leeward.common.errors import EndUntold, LeewardError, Transient, leaf_error_names
from leeward.state_machines.analysis.state_graph import invoked_function, iterate_scopes, task_payload
from leeward.state_machines.asl import Retrier, StateMachine, TaskState
from leeward.state_machines.checks.findings.machine_finding import MachineFinding
from leeward.state_machines.fragments.retries import LAMBDA_ERRORS, LAMBDA_NOT_RUN_ERRORS, TIMEOUT_ERROR

_RUN_STOP = "leeward-run-stop"
# A throttled service recovers within seconds to minutes. Fewer tries give up too early. More than these, or longer
# pauses, keep a run waiting for an error that doesn't pass.
_MIN_ATTEMPTS, _MAX_ATTEMPTS, _MAX_DELAY_SECONDS = 3, 60, 300
_TRANSIENT = leaf_error_names(Transient)
_LASTING = frozenset(leaf_error_names(LeewardError)) - set(_TRANSIENT)


def check_retries(machine: StateMachine) -> Iterator[MachineFinding]:
    """Yield the tasks that are retried too little or too much.

    A poll needs no Retry, because another poll follows. A question isn't retried after its time is up. A team's own
    function is only called again if it didn't run.
    """
    for scope in iterate_scopes(machine):
        for name, state in scope.states.items():
            if isinstance(state, TaskState):
                for text in (*_explain_missing(state), *_explain_excess(state)):
                    yield MachineFinding("retries", name, text)


def _explain_missing(state: TaskState) -> Iterator[str]:
    poll = task_payload(state).get("poll")
    if isinstance(poll, dict) and "attempt.$" in poll:
        return
    retried = {error for retrier in state.retry for error in retrier.errors}
    missing = [error for error in _required_errors(state) if error not in retried]
    if missing:
        yield f"is not retried after {', '.join(missing)}"
    for retrier in state.retry:
        yield from _explain_pace(retrier)


def _required_errors(state: TaskState) -> tuple[str, ...]:
    function = invoked_function(state) or ""
    if function == _RUN_STOP:
        return (*LAMBDA_ERRORS, EndUntold.__name__)
    if not function.startswith("leeward-"):
        return LAMBDA_NOT_RUN_ERRORS
    is_question = state.resource.endswith(".waitForTaskToken")
    return (*_TRANSIENT, *LAMBDA_ERRORS, *(() if is_question else (TIMEOUT_ERROR,)))


def _explain_pace(retrier: Retrier) -> Iterator[str]:
    if not _MIN_ATTEMPTS <= retrier.max_attempts <= _MAX_ATTEMPTS:
        yield f"is retried {retrier.max_attempts} times, not {_MIN_ATTEMPTS} to {_MAX_ATTEMPTS}"
    if not 1 <= retrier.interval_seconds <= retrier.max_delay_seconds <= _MAX_DELAY_SECONDS:
        yield f"is retried after {retrier.interval_seconds} s, and at most {retrier.max_delay_seconds} s"
    if retrier.backoff_rate <= 1 or retrier.jitter != "FULL":
        yield "is retried without a growing interval with jitter"


def _explain_excess(state: TaskState) -> Iterator[str]:
    allowed = {EndUntold.__name__} if invoked_function(state) == _RUN_STOP else set()
    is_question = state.resource.endswith(".waitForTaskToken")
    for retrier in state.retry:
        for error in retrier.errors:
            if (error in _LASTING and error not in allowed) or error in ("States.ALL", "States.TaskFailed"):
                yield f"is retried after {error}, which a retry can't help"
            if is_question and error.startswith("States."):
                yield f"asks again after {error}, although the question has been answered by silence"
