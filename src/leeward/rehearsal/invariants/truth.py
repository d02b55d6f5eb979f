"""truth: a run that succeeded has done what it says; one that failed says what was done, what was not, and what now."""

from __future__ import annotations

from collections.abc import Sequence

from leeward.rehearsal.clients.request_metrics import all_served_since
from leeward.rehearsal.invariants.run_record import RunRecord
from leeward.rehearsal.results.result_models import ExecutionOutcome, InvariantReport, RunStepStatus

# The titles of control.outcome's lines under which a step that was reached may be named.
_REACHED_TITLES = ("Done:", "Undone again:", "Passed over:", "Also failed:", "Begun, not finished:", "Failed:")

# What the last task says where the table cannot be written (lambdas/run_end.py).
END_NOT_RECORDED = "could not be recorded"


def truth(record: RunRecord) -> InvariantReport:
    """DRS jobs have no FAILED state: a job in which no server launched is COMPLETED too, so a green run proves
    nothing by itself. A success is held against the instances and the users, save for a server whose loss the run's
    own account names (`continue`); a failure must carry its cause, and be right about each of its steps. Whoever stops
    an execution stops its words too: the next run is told by the lock, which such a run keeps."""
    if record.outcome is ExecutionOutcome.SUCCEEDED:
        wrong, right = (
            _check_success(record),
            "what it was to launch has launched, all users in " + _expected_region_names(record),
        )
    elif record.outcome is ExecutionOutcome.FAILED:
        wrong, right = _check_failure(record), "the run failed; it says what was done, what was not, and what now"
    else:
        wrong, right = _check_stopped(record), f"{record.outcome}; its lock tells the next run"
    return InvariantReport(name="truth", held=wrong is None, detail=wrong or right)


def _expected_regions(record: RunRecord) -> frozenset[str]:
    """Where users may be once the run has succeeded."""
    return record.expected_serving_regions or frozenset(
        {record.target if record.moves_users else record.serving_region_at_start}
    )


def _expected_region_names(record: RunRecord) -> str:
    return " or ".join(sorted(_expected_regions(record)))


def _check_success(record: RunRecord) -> str | None:
    launched = {launch.server for launch in record.launches if launch.succeeded}
    missing = {server for server in record.servers - launched if server not in record.journal_text}
    if missing:
        return f"succeeded, but {', '.join(sorted(missing))} did not launch"
    if all_served_since(record.requests, _expected_regions(record)) is None:
        return f"succeeded, but not every user is served by {_expected_region_names(record)}"
    return _check_evidence(record)


def _check_stopped(record: RunRecord) -> str | None:
    if record.took_lock and record.reported_outcome == "running" and record.lock_held_by != record.run_id:
        return f"ended {record.outcome}, and its lock does not tell the next run"
    return None


def _check_failure(record: RunRecord) -> str | None:
    if not record.cause:
        return "failed without a cause"
    if not record.began_recorded or END_NOT_RECORDED in record.cause:
        # Refused at the door, or the state machine's own words where the table cannot be written.
        return None
    if record.reported_outcome == "running":
        return "the journal does not hold the run's end"
    return _check_end_summary(record, record.cause.splitlines()) or _check_evidence(record)


def _check_evidence(record: RunRecord) -> str | None:
    """What the report and the board show is what happened."""
    if record.reported_outcome != record.outcome:
        return f"{record.outcome}, and its evidence says {record.reported_outcome}"
    for step in record.steps:
        if step.status is RunStepStatus.DONE and step.name not in record.reported_steps:
            return f"{step.name!r} was done, and the evidence says that it was not reached"
        if step.status is RunStepStatus.NOT_REACHED and step.name in record.reported_steps:
            return f"{step.name!r} was not reached, and the evidence says that it was"
    return None


def _check_end_summary(record: RunRecord, lines: Sequence[str]) -> str | None:
    reached, left = _lines_titled(lines, *_REACHED_TITLES), _lines_titled(lines, "Not done:")
    for step in record.steps:
        if step.status is RunStepStatus.NOT_REACHED and step.name not in left:
            return f"failed, and does not say that {step.name!r} was not done"
        if step.status is RunStepStatus.DONE and step.name not in reached:
            return f"failed, and does not say that {step.name!r} was done"
    return None if _lines_titled(lines, "Now: ") else "failed, and does not say what to do now"


def _lines_titled(lines: Sequence[str], *titles: str) -> str:
    return "\n".join(line for line in lines if line.startswith(titles))
