"""Checks the `bounded` invariant: every run ends, or waits for an operator, within a limit that its document sets."""

from __future__ import annotations

from collections.abc import Iterator

from leeward.base.durations import format_duration
from leeward.rehearsal.invariants.invariant import Invariant
from leeward.rehearsal.invariants.run_record import RunRecord
from leeward.rehearsal.results.reports.invariant_report import InvariantReport
from leeward.rehearsal.results.result_models import ExecutionOutcome


def bounded(record: RunRecord) -> InvariantReport:
    """Check that the run and each part of its path ended within their limits.

    A run that hangs holds the lock and notifies no operator. Step Functions ends an execution at its TimeoutSeconds
    without calling any task, so a run that is TIMED_OUT always violates this invariant. The other limits are:

    - The whole run: the runbook's `timeout`. The compiler raises TimeoutSeconds to the longest path through the
      machine, so TimeoutSeconds and that path can't tell whether a machine became too long. The document's value can.
      Time in which a question is open doesn't count, because operators decide how long they take.
    - The whole run with its questions: the longest path through the reviewed machine.
    - Each step: its attempts and waves times the timeout in the document, and the retries of its calls.
    - Each question and each Wait state: its own timeout or time in the reviewed machine.

    An operator who retries a step, or resumes the run, adds the limit of the whole run again. Time between a failed end
    and the resumption doesn't count.
    """
    if record.outcome is ExecutionOutcome.TIMED_OUT:
        return InvariantReport.violation("bounded", "Step Functions ended the run at its TimeoutSeconds")
    total = (record.ended_at - record.started_at).total_seconds() - record.interrupted_seconds
    working = total - record.questions_seconds
    violations = list(_list_violations(record, total, working))
    checked = 1 + len(record.timed_parts)
    if violations:
        return InvariantReport.violation("bounded", "; ".join(violations), checked)
    limit = record.declared_seconds * (1 + record.operator_retries)
    detail = f"ended after {format_duration(total)}, {format_duration(working)} without questions, of "
    detail += f"{format_duration(limit)} at most; {len(record.timed_parts)} parts within their limits"
    return InvariantReport(name="bounded", held=True, detail=detail, checked=checked)


def _list_violations(record: RunRecord, total: float, working: float) -> Iterator[str]:
    rounds = 1 + record.operator_retries
    if working > record.declared_seconds * rounds:
        yield _describe("the run, without questions,", working, record.declared_seconds * rounds)
    if record.longest_seconds is not None and total > record.longest_seconds * rounds:
        yield _describe("the run", total, record.longest_seconds * rounds)
    for part in record.timed_parts:
        if part.seconds > part.limit_seconds:
            yield _describe(part.name, part.seconds, part.limit_seconds)


def _describe(name: str, seconds: float, limit: float) -> str:
    return f"{name} took {format_duration(seconds)}, of {format_duration(limit)} at most"


INVARIANT = Invariant(
    "bounded",
    "Every run ends, or waits for an operator, within the time that its document allows",
    bounded,
)
