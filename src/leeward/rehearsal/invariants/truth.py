"""Checks the `truth` invariant: the outcome, summary, and evidence of a run match what happened."""

from __future__ import annotations

from collections.abc import Sequence

from leeward.rehearsal.clients.request_metrics import all_served_since
from leeward.rehearsal.invariants.invariant import Invariant
from leeward.rehearsal.invariants.run_record import RunRecord
from leeward.rehearsal.results.reports.invariant_report import InvariantReport
from leeward.rehearsal.results.result_models import ExecutionOutcome, RunStepStatus

# The titles of the lines in a run summary (control/outcome/run_summary.py) that name a reached step.
_REACHED_TITLES = ("Done:", "Undone again:", "Passed over:", "Also failed:", "Begun, not finished:", "Failed:")

# Part of the cause when the last task can't write to the table (lambdas/run_end.py).
END_NOT_RECORDED = "could not be recorded"


def truth(record: RunRecord) -> InvariantReport:
    """Check that the outcome, summary, and evidence of the run match what happened.

    DRS jobs have no FAILED state. A job in which no server launched is COMPLETED too, so a successful run proves
    nothing by itself. A success is compared with the launched instances, the client requests, and the evidence. A
    server may be missing if its step was skipped, or if a failure in the journal names the server, which `continue`
    allows. No other mention of the server excuses it. A failure must have a cause and be right about each step. A
    stopped execution can't write a summary, but it keeps the lock, so the next run detects it.
    """
    if record.outcome is ExecutionOutcome.SUCCEEDED:
        violation, confirmation, checked = _check_success(record), _describe_success(record), _count_success(record)
    elif record.outcome is ExecutionOutcome.FAILED:
        violation, checked = _check_failure(record), 1 + len(record.steps)
        confirmation = "the summary of the failure is right about each step"
    else:
        violation, checked = _check_stopped(record), int(record.took_lock)
        confirmation = f"{record.outcome}; the lock blocks the next run"
    if violation is not None:
        return InvariantReport.violation("truth", violation, checked)
    return InvariantReport.of("truth", checked, confirmation, otherwise=f"{record.outcome} before it took the lock")


def _describe_success(record: RunRecord) -> str:
    """Return what was compared with the reported success."""
    compared = ["the evidence agrees with each step"]
    if record.expected_launches:
        compared.append("every server launched, or its failure is in the journal")
    if record.requests:
        compared.append(f"all users served by {_expected_region_names(record)}")
    return ", ".join(compared)


def _count_success(record: RunRecord) -> int:
    """Return the number of steps, servers, and clients that were compared, and 1 for the outcome."""
    clients = {request.client for request in record.requests}
    return 1 + len(record.steps) + len(record.expected_launches) + len(clients)


def _expected_region_names(record: RunRecord) -> str:
    return " or ".join(sorted(record.regions_to_serve))


def _check_success(record: RunRecord) -> str | None:
    missing = record.expected_launches - record.present_servers - record.admitted_failures
    if missing:
        names = ", ".join(sorted(f"{launch.server} in {launch.region}" for launch in missing))
        return f"succeeded, but {names} did not launch"
    if record.requests and all_served_since(record.requests, record.regions_to_serve) is None:
        return f"succeeded, but not every user is served by {_expected_region_names(record)}"
    return _check_evidence(record)


def _check_stopped(record: RunRecord) -> str | None:
    if record.took_lock and record.reported_outcome == "running" and record.lock_held_by != record.run_id:
        return f"ended {record.outcome}, but the run does not hold the lock that blocks the next run"
    return None


def _check_failure(record: RunRecord) -> str | None:
    if not record.cause:
        return "failed without a cause"
    if not record.began_recorded or END_NOT_RECORDED in record.cause:
        # The run was rejected at its start, or the last task could not write to the table.
        return None
    if record.reported_outcome == "running":
        return "the journal does not contain the end of the run"
    return _check_end_summary(record, record.cause.splitlines()) or _check_evidence(record)


def _check_evidence(record: RunRecord) -> str | None:
    """Check that the evidence, which the report and the board show, matches what happened."""
    if record.reported_outcome != record.outcome:
        return f"{record.outcome}, but the evidence says {record.reported_outcome}"
    for step in record.steps:
        if step.status is RunStepStatus.DONE and step.name not in record.reported_steps:
            return f"{step.name!r} was done, but the evidence says that it was not reached"
        if step.status is RunStepStatus.NOT_REACHED and step.name in record.reported_steps:
            return f"{step.name!r} was not reached, but the evidence says that it was"
    return None


def _check_end_summary(record: RunRecord, lines: Sequence[str]) -> str | None:
    reached, not_done = _lines_titled(lines, *_REACHED_TITLES), _lines_titled(lines, "Not done:")
    for step in record.steps:
        if step.status is RunStepStatus.NOT_REACHED and step.name not in not_done:
            return f"failed, and does not say that {step.name!r} was not done"
        if step.status is RunStepStatus.DONE and step.name not in reached:
            return f"failed, and does not say that {step.name!r} was done"
    return None if _lines_titled(lines, "Now: ") else "failed, and does not say what to do now"


def _lines_titled(lines: Sequence[str], *titles: str) -> str:
    return "\n".join(line for line in lines if line.startswith(titles))


INVARIANT = Invariant(
    "truth",
    "A successful run did what it reports, and a failed run is right about each step",
    truth,
)
