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
from leeward.control.approvals.caller_identity import CallerIdentity, is_same_person
from leeward.control.approvals.questions import Question

APPROVE = "approve"


@dataclass(frozen=True, slots=True)
class ApprovalRuling:
    """`enough`: the answer decides. Otherwise it is the first of two approvals, and `why` says what is wanted yet."""

    is_sufficient: bool
    reason: str


def rule_on_approval(
    question: Question,
    decision: str,
    caller: CallerIdentity,
    *,
    starter: CallerIdentity | None,
    first_approver: CallerIdentity | None,
    now: datetime,
) -> ApprovalRuling:
    """`starter`: who signed that they started the run; `first`: who gave the first of two approvals. Raises Refused."""
    if question.expires_at is not None and now >= question.expires_at:
        raise Refused(
            f"{question.key} expired at {question.expires_at:%Y-%m-%d %H:%M:%S} UTC without an answer: "
            f"{question.default}, as the runbook says"
        )
    if not question.two_person or decision != APPROVE:
        return ApprovalRuling(True, "")
    if starter is not None:
        if is_same_person(caller, starter):
            raise Refused(f"{caller.arn} started this run, and the runbook wants a second person to approve it")
        return ApprovalRuling(True, "")
    if first_approver is None:
        return ApprovalRuling(
            False, "nobody has signed that they started this run, so another person must approve as well"
        )
    if is_same_person(caller, first_approver):
        raise Refused(f"{caller.arn} has approved already; the runbook wants a second person")
    return ApprovalRuling(True, f"the second approval, after {first_approver.arn}")
