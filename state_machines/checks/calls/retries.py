"""Checks that each task is retried after the errors that can pass, and after no others."""

from __future__ import annotations

from collections.abc import Iterator

from leeward.common.errors import EndUntold, Transient, leaf_error_names
from leeward.state_machines.analysis.state_graph import invoked_function, task_payload
from leeward.state_machines.asl import Retrier, StateMachine, TaskState
from leeward.state_machines.checks.findings.machine_finding import MachineFinding
from leeward.state_machines.fragments.retries import (
    ALL_ERRORS,
    LAMBDA_ERRORS,
    LAMBDA_NOT_RUN_ERRORS,
    PERMANENT_ERRORS,
    TIMEOUT_ERROR,
    TIMEOUT_ERRORS,
    UNEXPECTED_ERRORS,
)

_RUN_BEGIN, _RUN_END, _RUN_STOP = "leeward-run-begin", "leeward-run-end", "leeward-run-stop"
# Errors that a later version of Lambda may report. A task must be retried after them too.
_NEW_ERRORS = ("Lambda.NewException", "Sandbox.Failure", "Runtime.OutOfMemory", "Extension.Crash")
# A throttled service recovers within seconds to minutes. Fewer tries give up too early. More than these, or longer
# pauses, keep a run waiting for an error that doesn't pass.
_MIN_ATTEMPTS, _MAX_ATTEMPTS, _MAX_DELAY_SECONDS = 3, 60, 300
_TRANSIENT = tuple(leaf_error_names(Transient))


def check_retries(machine: StateMachine) -> Iterator[MachineFinding]:
    """Yield the tasks that are retried too little or too much.

    A poll needs no Retry, because another poll follows. A question isn't retried after its time is up. A team's own
    function is only called again if it didn't run.
    """
    for name, state in machine.states.items():
        if isinstance(state, TaskState):
            for text in (*_explain_missing(state), *_explain_excess(state), *_explain_order(state.retry)):
                yield MachineFinding("retries", name, text)


def _explain_missing(state: TaskState) -> Iterator[str]:
    poll = task_payload(state).get("poll")
    if isinstance(poll, dict) and "attempt.$" in poll:
        return
    missing = [error for error in _required_errors(state) if not _is_retried(state, error)]
    if missing:
        yield f"is not retried after {', '.join(missing)}"
    for retrier in state.retry:
        if retrier.max_attempts:
            yield from _explain_pace(retrier)


def _is_retried(state: TaskState, error: str) -> bool:
    """Return whether the first Retrier that matches the error retries."""
    matching = (retrier for retrier in state.retry if error in retrier.errors or ALL_ERRORS in retrier.errors)
    return next((retrier.max_attempts > 0 for retrier in matching), False)


def _required_errors(state: TaskState) -> tuple[str, ...]:
    function = invoked_function(state) or ""
    if function == _RUN_STOP:
        return (*LAMBDA_ERRORS, EndUntold.__name__)
    if not function.startswith("leeward-"):
        return LAMBDA_NOT_RUN_ERRORS
    required = (*_TRANSIENT, *LAMBDA_ERRORS, *_NEW_ERRORS)
    if function in (_RUN_BEGIN, _RUN_END):
        required = (*required, *UNEXPECTED_ERRORS)
    return required if _is_question(state) else (*required, TIMEOUT_ERROR)


def _is_question(state: TaskState) -> bool:
    return state.resource.endswith(".waitForTaskToken")


def _explain_pace(retrier: Retrier) -> Iterator[str]:
    if not _MIN_ATTEMPTS <= retrier.max_attempts <= _MAX_ATTEMPTS:
        yield f"is retried {retrier.max_attempts} times, not {_MIN_ATTEMPTS} to {_MAX_ATTEMPTS}"
    if not 1 <= retrier.interval_seconds <= retrier.max_delay_seconds <= _MAX_DELAY_SECONDS:
        yield f"is retried after {retrier.interval_seconds} s, and at most {retrier.max_delay_seconds} s"
    if retrier.backoff_rate <= 1 or retrier.jitter != "FULL":
        yield "is retried without a growing interval with jitter"


def _explain_order(retriers: tuple[Retrier, ...]) -> Iterator[str]:
    # Step Functions accepts States.ALL only by itself, and only in the last Retrier.
    for retrier in retriers:
        if ALL_ERRORS in retrier.errors and (len(retrier.errors) > 1 or retrier is not retriers[-1]):
            yield f"has a Retry of {ALL_ERRORS} that isn't the last one, or that lists other errors too"


def _explain_excess(state: TaskState) -> Iterator[str]:
    function = invoked_function(state)
    lasting = (*PERMANENT_ERRORS, *(() if function in (_RUN_BEGIN, _RUN_END) else UNEXPECTED_ERRORS))
    for error in lasting:
        if _is_retried(state, error) and not (function == _RUN_STOP and error == EndUntold.__name__):
            yield f"is retried after {error}, which a retry can't help"
    if _is_question(state):
        for error in TIMEOUT_ERRORS:
            if _is_retried(state, error):
                yield f"asks again after {error}, although the question has been answered by silence"
    if function is not None and not function.startswith("leeward-") and _is_retried(state, "any error of the team's"):
        yield "is retried after errors of the team's function, which may have acted"
