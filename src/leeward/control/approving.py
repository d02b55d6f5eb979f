"""May this person give this answer, now? Decided here, without a call; recorded and carried out elsewhere.

Where the document says `two_person`, two people must stand behind what goes on: the one who started the run and another
who approves it. Who started it is known when that person signed it (`leeward start` does). Where nobody did, because
the console or an alarm started the run, two different people must approve. A name in the run's input counts for
nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from leeward.common.errors import Refused
from leeward.control.identity import Identity, same_person
from leeward.control.questions import Question

APPROVE = "approve"


@dataclass(frozen=True, slots=True)
class Ruling:
    """`enough`: the answer decides. Otherwise it is the first of two approvals, and `why` says what is wanted yet."""

    enough: bool
    why: str


def rule(
    question: Question, decision: str, by: Identity, *, starter: Identity | None, first: Identity | None, now: datetime
) -> Ruling:
    """`starter`: who signed that they started the run; `first`: who gave the first of two approvals. Raises Refused."""
    if question.expires_at is not None and now >= question.expires_at:
        raise Refused(
            f"{question.key} expired at {question.expires_at:%Y-%m-%d %H:%M:%S} UTC without an answer: "
            f"{question.default}, as the runbook says"
        )
    if not question.two_person or decision != APPROVE:
        return Ruling(True, "")
    if starter is not None:
        if same_person(by, starter):
            raise Refused(f"{by.arn} started this run, and the runbook wants a second person to approve it")
        return Ruling(True, "")
    if first is None:
        return Ruling(False, "nobody has signed that they started this run, so another person must approve as well")
    if same_person(by, first):
        raise Refused(f"{by.arn} has approved already; the runbook wants a second person")
    return Ruling(True, f"the second approval, after {first.arn}")
