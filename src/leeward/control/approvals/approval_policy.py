"""The approval policy: decides whether an operator may give an answer. Makes no AWS calls and records nothing.

If the runbook sets `two_person`, two operators must agree: the one who started the run, and another who approves it.
The starter is known if they signed the run, as `leeward start` does. If no one signed, because the console or an alarm
started the run, two different operators must approve. A name in the run's input is never used as an identity.
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
    """The policy's result. If not `is_sufficient`, a second approval is required, and `reason` says why."""

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
    """Return whether `caller` may give the answer and whether it is sufficient.

    `starter` is the operator who signed that they started the run. `first_approver` gave the first of two approvals.
    Raises Refused when the question has expired or the caller may not approve.
    """
    if question.expires_at is not None and now >= question.expires_at:
        raise Refused(
            f"{question.key} expired at {question.expires_at:%Y-%m-%d %H:%M:%S} UTC without an answer: "
            f"{question.default}, as the runbook says"
        )
    if not question.two_person or decision != APPROVE:
        return ApprovalRuling(True, "")
    if starter is not None:
        if is_same_person(caller, starter):
            raise Refused(f"{caller.arn} started this run, and the runbook requires a second person to approve it")
        return ApprovalRuling(True, "")
    if first_approver is None:
        return ApprovalRuling(
            False, "no one has signed that they started this run, so another person must also approve"
        )
    if is_same_person(caller, first_approver):
        raise Refused(f"{caller.arn} has already approved; the runbook requires a second person")
    return ApprovalRuling(True, f"the second approval, after {first_approver.arn}")
