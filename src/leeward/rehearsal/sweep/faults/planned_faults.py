"""What can be broken in a run, and how it is called: an id of words and numbers that says what, where, and which way.

`call:17:answer-lost` is the 17th AWS call that a handler attempts in the run; `lambda:5:twice` the 5th invocation;
`state:12:stopped` the 12th state that is entered; `step:take_the_lock:dark:us-west-2` begins with a step's first state;
`operator:rejects` is the person on call. A pair is two ids with a `+` between them. The numbers count what happens in
the run itself, so an id means the same for as long as documents, code, seed and world are the same.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from leeward.twin.interception import FaultKind

THROTTLED_LONG = "throttled-long"
"""The call, and each repetition of it, is throttled for longer than the SDK retries."""
CALL_FAULT_MODES: tuple[str, ...] = (FaultKind.THROTTLED, THROTTLED_LONG, *list(FaultKind)[1:])
"""How an AWS call fails in a trial. The order is part of what a seed draws."""

# The SDK tries again by itself, and the handler never hears of it.
SDK_RETRIED_MODES = frozenset(
    {FaultKind.THROTTLED, FaultKind.SERVER_ERROR, FaultKind.CONNECTION_REFUSED, FaultKind.CONNECTION_TIMED_OUT}
)


class InvocationFaultMode(StrEnum):
    """What befalls an invocation as a whole."""

    TWICE = "twice"
    OVERRUNS = "overruns"


class OperatorFaultMode(StrEnum):
    """What the person on call does, where the clean run has them approve."""

    REJECTS = "rejects"
    SILENT = "silent"
    RETRIES = "retries"
    SKIPS = "skips"


STOPPED_MODE = "stopped"
OUTAGE_MODE = "dark"


class NoSuchFault(ValueError):
    """The text is no id of a fault."""


@dataclass(frozen=True, slots=True)
class PlannedFault:
    """One thing that is broken: the parts of its id. `where` is a number, or a step's id."""

    point_kind: str
    point_id: str
    mode: str
    region: str = ""

    @property
    def id(self) -> str:
        """What `--only` takes."""
        if self.point_kind == "operator":
            return f"operator:{self.mode}"
        return ":".join(part for part in (self.point_kind, self.point_id, self.mode, self.region) if part)

    @property
    def point(self) -> str:
        """Where in a run it strikes: a call, an invocation, a state, a step."""
        return f"{self.point_kind}:{self.point_id}"

    @property
    def number(self) -> int:
        """Which one, counted from 1."""
        return int(self.point_id)

    @property
    def class_label(self) -> str:
        """The class that it is counted under."""
        return f"{self.point_kind} {self.mode} {self.region}".strip()


_ID_PATTERNS = (
    (re.compile(r"(call):(\d+):([a-z-]+)"), frozenset(CALL_FAULT_MODES)),
    (re.compile(r"(lambda):(\d+):([a-z-]+)"), frozenset(InvocationFaultMode)),
    (re.compile(r"(state):(\d+):([a-z-]+)"), frozenset({STOPPED_MODE})),
)
_OUTAGE_ID = re.compile(r"step:([a-z0-9_]+):dark:([a-z0-9-]+)")


def parse_fault_id(text: str) -> PlannedFault:
    """The fault that `text` names. Raises NoSuchFault."""
    for shape, ways in _ID_PATTERNS:
        if (found := shape.fullmatch(text)) and found[3] in ways and int(found[2]) > 0:
            return PlannedFault(found[1], found[2], found[3])
    if dark := _OUTAGE_ID.fullmatch(text):
        return PlannedFault("step", dark[1], OUTAGE_MODE, dark[2])
    kind, _, how = text.partition(":")
    if kind == "operator" and how in frozenset(OperatorFaultMode):
        return PlannedFault("operator", "", how)
    raise NoSuchFault(f"{text!r} names no fault; a fault is called like call:17:answer-lost or lambda:5:twice")


def parse_fault_set(text: str) -> tuple[PlannedFault, ...]:
    """The faults of a case, `+` between them. Raises NoSuchFault."""
    return tuple(parse_fault_id(part) for part in text.split("+"))


def fault_set_id(faults: tuple[PlannedFault, ...]) -> str:
    """The id of a case."""
    return "+".join(fault.id for fault in faults)
