"""Which trials stopped, or asked an operator, and which of them although a retry would have been enough.

A transient fault is over when the call or the invocation is repeated, or when the service works again. A missing
permission, an unusual response, a Region outage, and a stop from outside need a decision.
"""

from __future__ import annotations

from leeward.rehearsal.results.result_models import ExecutionOutcome
from leeward.rehearsal.sweep.faults.planned_faults import (
    INVOCATION_ERROR_MODES,
    THROTTLED_LONG,
    InvocationFaultMode,
    PlannedFault,
    parse_fault_set,
    parse_invocation_error,
)
from leeward.rehearsal.sweep.trials.trial import TrialResult
from leeward.twin.engine.lambda_runtime.faults.invocation_errors import ErrorOrigin
from leeward.twin.interception import FaultKind

_TRANSIENT_CALL_FAULTS = frozenset(
    {
        FaultKind.THROTTLED,
        THROTTLED_LONG,
        FaultKind.SERVER_ERROR,
        FaultKind.CONNECTION_REFUSED,
        FaultKind.CONNECTION_TIMED_OUT,
        FaultKind.ANSWER_LOST,
        FaultKind.CREDENTIALS_EXPIRED,
        FaultKind.KILLED_BEFORE_CALL,
        FaultKind.KILLED_AFTER_CALL,
    }
)
_TRANSIENT_SERVICE_FAULTS = frozenset({"server-error", "throttled", "black-hole"})
# Request timeout, conflict, too many requests: the statuses below 500 that a later attempt of the same call can avoid.
_TRANSIENT_STATUSES = frozenset({408, 409, 429})
_FIRST_SERVER_ERROR = 500


def involves_person(result: TrialResult) -> bool:
    """Return whether the run stopped or asked what to do about a failed step, because of its faults."""
    return result.took_effect and (result.outcome != ExecutionOutcome.SUCCEEDED or result.asked)


def is_needless_stop(result: TrialResult) -> bool:
    """Return whether the run stopped or asked what to do about a failed step, with transient faults only."""
    return involves_person(result) and all(map(is_transient, parse_fault_set(result.fault)))


def is_transient(fault: PlannedFault) -> bool:
    """Return whether the run could go on after a retry, without any change by an operator."""
    match fault.point_kind:
        case "call":
            return fault.mode in _TRANSIENT_CALL_FAULTS
        case "service" | "lambda-service":
            return fault.mode in _TRANSIENT_SERVICE_FAULTS
        case "lambda" if fault.mode in INVOCATION_ERROR_MODES:
            return _is_transient_error(fault.mode)
        case "lambda":
            return fault.mode in frozenset(InvocationFaultMode)
        case _:
            return False


def _is_transient_error(mode: str) -> bool:
    """Return whether the error is one of Lambda itself, and not of the function's code or configuration."""
    error = parse_invocation_error(mode).error
    if error.origin is ErrorOrigin.API:
        return error.status >= _FIRST_SERVER_ERROR or error.status in _TRANSIENT_STATUSES
    # Errors that occur only before or only after the handler are those of its code, package, or response.
    return len(error.moments) > 1
