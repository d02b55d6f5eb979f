"""What a person can do next, for each way a rehearsal can fail."""

from __future__ import annotations

from leeward.base import durations
from leeward.rehearsal.results.result_models import ExecutionOutcome, RehearsalResult, RunStepStatus, StepReport

# One line for each error of common.errors that is not transient; a test holds that none is missing.
ADVICE_BY_ERROR = {
    "AccessDenied": "Grant the call named above to the task's role, then run again.",
    "Refused": "Read AWS's own words above; correct what they name in application.yaml or in the account.",
    "SurprisingAnswer": "AWS answered something Leeward does not know. Report it with the history below.",
    "InvalidInput": "Correct the run's input (--input), or the document it came from.",
    "NotFound": "Compare the name above with application.yaml: tags, ids and Region must match what exists.",
    "QuotaExceeded": "Ask AWS for a higher quota, or recover fewer servers at once.",
    "NotReady": "Mend what the preflight found, above; it found it before anything was changed.",
    "RpoExceeded": "Let replication catch up; or, if the loss is accepted, run again with --accept-data-loss.",
    "LaunchFailed": "Mend each server's reason. If it may pass by itself, write on_failure: {retry: 2, then: ask}.",
    "NotServing": "The servers are up but do not answer as their check expects: look at the application on them.",
    "ErrorRateRisen": "Users were led back. Find the errors of the target's API before the shift is tried again.",
    "SafetyRuleBlocked": "A safety rule refused the change. Name it in safety_rules_to_override only if it is meant.",
    "RouteUnconfirmed": "No cluster endpoint confirmed the change: read the routing controls before anything else.",
    "LockHeld": "Another run holds the application's lock. Let it end, or take over with --input "
    '\'{"take_over": "<run id>"}\'.',
    "LockUnknown": "The Region that keeps the lock does not answer: make sure by other means that no other run is on.",
    "Rejected": "The run was not approved. Ask whoever answered, or let --input '{\"approve\": true}' approve it.",
    "NotProtected": "Nothing was cleaned up: wait until the new copies are CONTINUOUS, then answer retry or run again.",
    "ReplicationStalled": "Replication needs a person: look at the agent and the network of the server named above.",
    "LockLost": "Another run has taken over from this one, which did nothing more: leave the application to that run.",
    "EndUntold": "Mend what kept the end from being told, above; then do what the run's own account says.",
    "TimedOut": "AWS did not finish in the step's time: give the step a longer timeout, or find what holds it up.",
}
_TRANSIENT_ADVICE = "The retries were used up while AWS kept failing. Once it answers again, run again."
_UNEXPECTED_ERROR_ADVICE = "No one foresaw this failure: the lock is still held. Read the history, then decide."


def list_next_steps(rehearsal: RehearsalResult) -> list[str]:
    """The lines of "next", most useful first."""
    if rehearsal.outcome is ExecutionOutcome.SUCCEEDED:
        return _advise_after_success(rehearsal)
    return [_advise_on_error(rehearsal)]


def find_failed_step(rehearsal: RehearsalResult) -> StepReport | None:
    """The step at which the run ended: the last that failed, else the one that was under way."""
    for wanted in ((RunStepStatus.FAILED,), (RunStepStatus.RUNNING, RunStepStatus.ASKING)):
        found = [s for s in rehearsal.steps if s.status in wanted]
        if found:
            return found[-1]
    return None


def _advise_on_error(rehearsal: RehearsalResult) -> str:
    if rehearsal.outcome is ExecutionOutcome.TIMED_OUT:
        return "The run used up its own timeout: give the runbook a longer one, or find the step that is slow."
    if rehearsal.error in ADVICE_BY_ERROR:
        return ADVICE_BY_ERROR[rehearsal.error]
    if rehearsal.error in ("Throttled", "ServiceUnavailable", "AnswerLost", "Busy"):
        return _TRANSIENT_ADVICE
    return _UNEXPECTED_ERROR_ADVICE


def _advise_after_success(rehearsal: RehearsalResult) -> list[str]:
    lines = []
    if not rehearsal.rto.met:
        lines.append(f"{_describe_longest_step(rehearsal)} It is where the RTO can be won back.")
    if not rehearsal.rpo.met:
        lines.append("The recovery points were too old: look at the replication lag of the worst server.")
    if not all(i.held for i in rehearsal.invariants):
        lines.append("A broken invariant is a defect of the runbook or of Leeward: read its line, then the history.")
    return lines


def _describe_longest_step(rehearsal: RehearsalResult) -> str:
    timed = [(s.ended_at - s.started_at, s.name) for s in rehearsal.steps if s.started_at and s.ended_at]
    if not timed:
        return "No step ended."
    took, name = max(timed)
    return f"The longest step, {name}, took {durations.format_duration(took)}."
