"""Runs an invocation with a fault: the handler's part of it, the time that passes, and the error for the caller."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from leeward.twin.engine.lambda_runtime.faults.invocation_errors import (
    CLIENT_TIMED_OUT,
    TIMED_OUT,
    ErrorOrigin,
    Moment,
    ServiceError,
)
from leeward.twin.engine.lambda_runtime.faults.invocation_faults import (
    AnyInvocationFault,
    FailedInvocation,
    InvocationFault,
)
from leeward.twin.engine.lambda_runtime.invocation import Handler, InvocationRecord, LambdaFunction, record_failure
from leeward.twin.engine.scheduling.task_scheduler import TaskScheduler

RunOnce = Callable[[LambdaFunction], InvocationRecord]


def run(
    function: LambdaFunction, fault: AnyInvocationFault | None, run_once: RunOnce, scheduler: TaskScheduler
) -> InvocationRecord:
    """Run the invocation with `fault` (None: without a fault) and return its record.

    `run_once` runs a function's handler and records the invocation.
    """
    if fault is None:
        return run_once(function)
    if isinstance(fault, FailedInvocation):
        return _run_failing(function, fault, run_once, scheduler)
    if fault is InvocationFault.TIMED_OUT:
        return run_once(_with_overrun(function, function.handler, scheduler))
    run_once(function)
    return run_once(function)


def _run_failing(
    function: LambdaFunction, fault: FailedInvocation, run_once: RunOnce, scheduler: TaskScheduler
) -> InvocationRecord:
    handler = _do_nothing if fault.moment is Moment.BEFORE else function.handler
    if fault.error.name == TIMED_OUT:
        return run_once(_with_overrun(function, handler, scheduler))
    message = fault.message or f"{fault.error.name} (simulated fault)"
    if fault.error.origin is ErrorOrigin.FUNCTION:
        record = run_once(replace(function, handler=handler))
        record_failure(record, fault.error.name, f"RequestId: {record.request_id} Error: {message}")
        return record
    began_at = scheduler.now()
    if fault.moment is Moment.AFTER:
        record = run_once(function)
    else:  # Lambda doesn't accept the invocation, so it isn't in its records
        record = InvocationRecord(function.name, function.region, "", began_at)
        scheduler.sleep(fault.seconds)
    if fault.error.name == CLIENT_TIMED_OUT:
        # The client's limit isn't documented. Assumed: as long as the function may run.
        ends_at = began_at + timedelta(seconds=function.timeout_seconds)
        scheduler.sleep(max(0.0, (ends_at - scheduler.now()).total_seconds()))
    record.ended_at = scheduler.now()
    record.service_error = ServiceError(fault.error, message)
    return record


def _do_nothing(event: Any, context: Any) -> None:
    """Stand for a handler that doesn't run."""


def _with_overrun(function: LambdaFunction, handler: Handler, scheduler: TaskScheduler) -> LambdaFunction:
    def overrun(event: Any, context: Any) -> Any:
        answer = handler(event, context)
        scheduler.sleep(function.timeout_seconds + 1)  # the function ends earlier, at its timeout
        return answer

    return replace(function, handler=overrun)
