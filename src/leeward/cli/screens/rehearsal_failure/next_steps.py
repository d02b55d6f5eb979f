"""Advice for the operator, for each way in which a rehearsal can fail."""

from __future__ import annotations

from leeward.base import durations
from leeward.rehearsal.results.result_models import ExecutionOutcome, RehearsalResult

_UNEXPECTED_ERROR_ADVICE = (
    "This failure is unexpected, and the run still holds the lock. Read the history, then decide."
)
# One line for each permanent or halting error of common.errors. A test checks that none is missing.
ADVICE_BY_ERROR = {
    "AccessDenied": "Grant the task's role the permission named above, then run again.",
    "Refused": "Read the message from AWS above, and correct application.yaml or the account.",
    "SurprisingAnswer": "AWS returned a response that Leeward doesn't know. Report it with the history.",
    "InvalidInput": "Correct the run's input (--input) or the document that contains it.",
    "NotFound": "Correct the tags, IDs, or Region in application.yaml: they must match existing resources.",
    "QuotaExceeded": "Request a quota increase, or recover fewer servers at a time.",
    "NotReady": "Fix what the preflight reports above. The run has changed nothing.",
    "RpoExceeded": "Wait until replication catches up. If you accept the loss, use --accept-data-loss.",
    "LaunchFailed": "Fix each server's reason. If it can be temporary, set on_failure: {retry: 2, then: ask}.",
    "NotServing": "The servers run, but their check fails. Check the application on them.",
    "ErrorRateRisen": "The shift was rolled back. Fix the errors of the target's API before you try again.",
    "SafetyRuleBlocked": "A safety rule rejected the change. Add it to safety_rules_to_override only if you mean to.",
    "RouteUnconfirmed": "No cluster endpoint confirmed the change. Read the routing controls first.",
    "LockHeld": "Another run holds the application's lock. Wait until it ends, or take over with --input "
    '\'{"take_over": "<run ID>"}\'.',
    "LockUnknown": "The lock's Region doesn't respond. Make sure in another way that no other run is active.",
    "Rejected": "The run was not approved. Ask the approver, or approve it with --input '{\"approve\": true}'.",
    "NotProtected": "Nothing was cleaned up. Wait until the new copies are CONTINUOUS, then retry.",
    "ReplicationStalled": "Check the replication agent and the network of the server named above.",
    "LockLost": "Another run took over, and this run stopped. Let the other run finish.",
    "UnexpectedError": _UNEXPECTED_ERROR_ADVICE,
    "EndUntold": "Fix what prevented the run's end from being recorded, then follow the run's summary above.",
    "TimedOut": "AWS did not finish within the step's timeout. Set a longer timeout, or find the cause.",
}
_TRANSIENT_ADVICE = "AWS kept failing until no retries were left. Run again when AWS responds."


def list_next_steps(rehearsal: RehearsalResult) -> list[str]:
    """Return the lines of the "next" row, most useful first."""
    if rehearsal.outcome is ExecutionOutcome.SUCCEEDED:
        return _advise_after_success(rehearsal)
    return [_advise_on_error(rehearsal)]


def _advise_on_error(rehearsal: RehearsalResult) -> str:
    if rehearsal.outcome is ExecutionOutcome.TIMED_OUT:
        return "The run exceeded the runbook's timeout. Set a longer timeout, or find the slow step."
    if rehearsal.error in ADVICE_BY_ERROR:
        return ADVICE_BY_ERROR[rehearsal.error]
    if rehearsal.error in ("Throttled", "ServiceUnavailable", "AnswerLost", "Busy"):
        return _TRANSIENT_ADVICE
    return _UNEXPECTED_ERROR_ADVICE


def _advise_after_success(rehearsal: RehearsalResult) -> list[str]:
    lines = []
    if rehearsal.unmet_steps:
        lines.append("A step above failed or was skipped, and the run went on. Fix its cause, then rehearse again.")
    if rehearsal.rto.missed:
        lines.append(f"{_describe_longest_step(rehearsal)} Shorten it to meet the RTO.")
    if rehearsal.rpo.missed:
        lines.append(_advise_on_data_loss(rehearsal))
    if any(not earlier.passed for earlier in rehearsal.prerequisites):
        lines.append("A run before this one did not pass. Rehearse that run alone first, and fix what it reports.")
    if any(i.violated for i in rehearsal.invariants):
        lines.append("A broken invariant is a defect of the runbook or of Leeward. Read its line, then the history.")
    return lines


def _advise_on_data_loss(rehearsal: RehearsalResult) -> str:
    if rehearsal.rpo.objective_seconds == 0:
        return "Before this move, stop the writes in the Region that is left, and wait until all of them have arrived."
    return "The recovery points were too old. Check the replication lag of the worst server."


def _describe_longest_step(rehearsal: RehearsalResult) -> str:
    timed = [(s.ended_at - s.started_at, s.name) for s in rehearsal.steps if s.started_at and s.ended_at]
    if not timed:
        return "No step ended."
    duration, name = max(timed)
    return f"The longest step, {name}, took {durations.format_duration(duration)}."
