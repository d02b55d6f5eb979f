"""The planned faults of a sweep and their IDs.

- `call:17:answer-lost` is a fault in the 17th AWS call that a handler attempts in the run.
- `lambda:5:twice` is a fault in the 5th invocation.
- `lambda:5:after-Lambda.ServiceException` ends the 5th invocation with an error, after its handler has done its work.
- `service:17:throttled` starts an outage of the service of the 17th AWS call, in the call's Region.
- `lambda-service:5:denied` starts an outage of Lambda at the 5th invocation, in the function's Region.
- `state:12:stopped` stops the run in the 12th state that it enters.
- `step:take_the_lock:dark:us-west-2` starts a Region outage when the run enters the step's first state.
- `operator:rejects` changes the operator's answers.

The ID of a pair is both IDs joined with `+`. The numbers count the events of a run, so an ID is valid as long as
documents, code, seed, and world stay the same.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from leeward.twin.engine.lambda_runtime.faults.invocation_errors import INVOCATION_ERRORS, ErrorOrigin, Moment
from leeward.twin.engine.lambda_runtime.faults.invocation_faults import FailedInvocation
from leeward.twin.interception import SERVICE_FAULTS, FaultKind

THROTTLED_LONG = "throttled-long"
"""The call and its retries are throttled for longer than the SDK retries."""
CALL_FAULT_MODES: tuple[str, ...] = (FaultKind.THROTTLED, THROTTLED_LONG, *list(FaultKind)[1:])
"""How an AWS call fails in a trial. The faults that a seed draws depend on this order."""

# The SDK retries these errors, and the handler doesn't see them.
SDK_RETRIED_MODES = frozenset(
    {FaultKind.THROTTLED, FaultKind.SERVER_ERROR, FaultKind.CONNECTION_REFUSED, FaultKind.CONNECTION_TIMED_OUT}
)


class InvocationFaultMode(StrEnum):
    """The fault of an invocation: it runs twice, or it exceeds the function's timeout."""

    TWICE = "twice"
    OVERRUNS = "overruns"


INVOCATION_ERROR_MODES = tuple(
    f"{moment}-{error.name}" for error in INVOCATION_ERRORS.values() for moment in error.moments
)
"""How an invocation ends with an error: `before-` or `after-` its handler, and the error's name in Step Functions."""

# The classes of invocation errors. Within a class, errors differ only in their names.
_ERROR_CLASSES = {
    (Moment.BEFORE, False): "rejected",
    (Moment.BEFORE, True): "not-started",
    (Moment.AFTER, False): "response-lost",
    (Moment.AFTER, True): "crashed",
}


def parse_invocation_error(mode: str) -> FailedInvocation:
    """Return the fault of one of INVOCATION_ERROR_MODES."""
    moment, _, name = mode.partition("-")
    return FailedInvocation.from_name(name, Moment(moment))


class OperatorFaultMode(StrEnum):
    """How the operator acts in a trial. In the baseline, the operator approves."""

    REJECTS = "rejects"
    SILENT = "silent"
    RETRIES = "retries"
    SKIPS = "skips"


STOPPED_MODE = "stopped"
OUTAGE_MODE = "dark"


class NoSuchFault(ValueError):
    """Raised when a text isn't a valid fault ID, or nothing in the run matches it."""


@dataclass(frozen=True, slots=True)
class PlannedFault:
    """One fault of a trial, as the parts of its ID. `point_id` is a number or a step's ID."""

    point_kind: str
    point_id: str
    mode: str
    region: str = ""

    @property
    def id(self) -> str:
        """Return the fault's ID, which `--only` accepts."""
        if self.point_kind == "operator":
            return f"operator:{self.mode}"
        return ":".join(part for part in (self.point_kind, self.point_id, self.mode, self.region) if part)

    @property
    def point(self) -> str:
        """Return the point of a run at which the fault is injected: a call, an invocation, a state, or a step."""
        return f"{self.point_kind}:{self.point_id}"

    @property
    def number(self) -> int:
        """Return the number of the call, invocation, or state, counted from 1."""
        return int(self.point_id)

    @property
    def class_label(self) -> str:
        """Return the fault class, under which the report counts the fault."""
        if self.mode in INVOCATION_ERROR_MODES:
            failed = parse_invocation_error(self.mode)
            return f"{self.point_kind} {_ERROR_CLASSES[failed.moment, failed.error.origin is ErrorOrigin.FUNCTION]}"
        return f"{self.point_kind} {self.mode} {self.region}".strip()


_ID_PATTERNS = (
    (re.compile(r"(call):(\d+):([a-z-]+)"), frozenset(CALL_FAULT_MODES)),
    (re.compile(r"(lambda):(\d+):([A-Za-z0-9.-]+)"), frozenset((*InvocationFaultMode, *INVOCATION_ERROR_MODES))),
    (re.compile(r"(service|lambda-service):(\d+):([a-z-]+)"), frozenset(SERVICE_FAULTS)),
    (re.compile(r"(state):(\d+):([a-z-]+)"), frozenset({STOPPED_MODE})),
)
_OUTAGE_ID = re.compile(r"step:([a-z0-9_]+):dark:([a-z0-9-]+)")


def parse_fault_id(text: str) -> PlannedFault:
    """Return the fault with the ID `text`. Raises NoSuchFault when the ID is invalid."""
    for pattern, modes in _ID_PATTERNS:
        if (match := pattern.fullmatch(text)) and match[3] in modes and int(match[2]) > 0:
            return PlannedFault(match[1], match[2], match[3])
    if outage := _OUTAGE_ID.fullmatch(text):
        return PlannedFault("step", outage[1], OUTAGE_MODE, outage[2])
    kind, _, mode = text.partition(":")
    if kind == "operator" and mode in frozenset(OperatorFaultMode):
        return PlannedFault("operator", "", mode)
    raise NoSuchFault(f"{text!r} is not a fault ID. Use an ID such as call:17:answer-lost or lambda:5:twice")


def parse_fault_set(text: str) -> tuple[PlannedFault, ...]:
    """Return the faults of a fault set ID, which joins fault IDs with `+`. Raises NoSuchFault."""
    return tuple(parse_fault_id(part) for part in text.split("+"))


def fault_set_id(faults: tuple[PlannedFault, ...]) -> str:
    """Return the ID of a fault set."""
    return "+".join(fault.id for fault in faults)
