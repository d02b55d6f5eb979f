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


class CallMode(StrEnum):
    """How an AWS call goes wrong."""

    THROTTLED = "throttled"
    THROTTLED_LONG = "throttled-long"
    SERVER_ERROR = "server-error"
    REFUSED = "refused"
    TIMED_OUT = "timed-out"
    ANSWER_LOST = "answer-lost"
    DENIED = "denied"
    EXPIRED = "expired"
    EMPTY = "empty"
    INCOMPLETE = "incomplete"
    NEW_VALUE = "new-value"
    MISSING = "missing"
    KILLED_BEFORE = "killed-before"
    KILLED_AFTER = "killed-after"


# The SDK tries again by itself, and the handler never hears of it.
RETRIED = frozenset({CallMode.THROTTLED, CallMode.SERVER_ERROR, CallMode.REFUSED, CallMode.TIMED_OUT})


class LambdaMode(StrEnum):
    """What befalls an invocation as a whole."""

    TWICE = "twice"
    OVERRUNS = "overruns"


class OperatorMode(StrEnum):
    """What the person on call does, where the clean run has them approve."""

    REJECTS = "rejects"
    SILENT = "silent"
    RETRIES = "retries"
    SKIPS = "skips"


STOPPED = "stopped"
DARK = "dark"


class NoSuchFault(ValueError):
    """The text is no id of a fault."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is broken: the parts of its id. `where` is a number, or a step's id."""

    kind: str
    where: str
    how: str
    region: str = ""

    @property
    def id(self) -> str:
        """What `--only` takes."""
        if self.kind == "operator":
            return f"operator:{self.how}"
        return ":".join(part for part in (self.kind, self.where, self.how, self.region) if part)

    @property
    def point(self) -> str:
        """Where in a run it strikes: a call, an invocation, a state, a step."""
        return f"{self.kind}:{self.where}"

    @property
    def number(self) -> int:
        """Which one, counted from 1."""
        return int(self.where)

    @property
    def label(self) -> str:
        """The class that it is counted under."""
        return f"{self.kind} {self.how} {self.region}".strip()


_SHAPES = (
    (re.compile(r"(call):(\d+):([a-z-]+)"), frozenset(CallMode)),
    (re.compile(r"(lambda):(\d+):([a-z-]+)"), frozenset(LambdaMode)),
    (re.compile(r"(state):(\d+):([a-z-]+)"), frozenset({STOPPED})),
)
_DARK = re.compile(r"step:([a-z0-9_]+):dark:([a-z0-9-]+)")


def parse(text: str) -> Fault:
    """The fault that `text` names. Raises NoSuchFault."""
    for shape, ways in _SHAPES:
        if (found := shape.fullmatch(text)) and found[3] in ways and int(found[2]) > 0:
            return Fault(found[1], found[2], found[3])
    if dark := _DARK.fullmatch(text):
        return Fault("step", dark[1], DARK, dark[2])
    kind, _, how = text.partition(":")
    if kind == "operator" and how in frozenset(OperatorMode):
        return Fault("operator", "", how)
    raise NoSuchFault(f"{text!r} names no fault; a fault is called like call:17:answer-lost or lambda:5:twice")


def parse_set(text: str) -> tuple[Fault, ...]:
    """The faults of a case, `+` between them. Raises NoSuchFault."""
    return tuple(parse(part) for part in text.split("+"))


def name_of(faults: tuple[Fault, ...]) -> str:
    """The id of a case."""
    return "+".join(fault.id for fault in faults)
