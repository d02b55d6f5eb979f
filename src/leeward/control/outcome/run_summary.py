"""The summary of a run, computed only from its journal.

The summary lists what was done, what failed and why, and what was not done. It also says whether users were moved, who
holds the lock, and what to do next. Makes no AWS calls.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from leeward.control.journal.run_journal import JournalEntry, JournalEvent
from leeward.control.outcome.next_steps import describe_next_steps
from leeward.control.outcome.run_end_state import failed_undos
from leeward.control.outcome.step_failure import StepFailure, truncate_cause
from leeward.control.outcome.traffic_outcome import TrafficOutcome, assess_traffic
from leeward.control.run.run_reference import RunbookStep, RunRef
from leeward.kinds.registry import is_journaled

# The summary's length is limited (control/outcome/step_failure.py).
_MAX_NAMES = 5


class StepOutcome(StrEnum):
    """How a step ended."""

    DONE = "done"
    SKIPPED = "passed over"
    FAILED = "failed"
    UNFINISHED = "begun, not finished"
    UNDONE = "undone"
    NOT_REACHED = "not reached"


@dataclass(frozen=True, slots=True)
class StepSummary:
    """The outcome of one step, with its last detail and time."""

    step: RunbookStep
    outcome: StepOutcome
    detail: str
    at: datetime | None


def summarize_steps(
    steps: Sequence[RunbookStep], entries: Sequence[JournalEntry], *, succeeded: bool, failed: str | None = None
) -> list[StepSummary]:
    """Return the outcome of each step, in the runbook's order.

    `failed` is the id of the step at which the run failed. The journal may have no entry for it, because writing the
    journal may have failed.
    """
    last_reached = max(
        (i for i, step in enumerate(steps) if step.id == failed or any(e.step == step.id for e in entries)),
        default=-1,
    )
    if succeeded:
        last_reached = len(steps)
    return [
        _summarize_step(step, [e for e in entries if e.step == step.id], passed=index < last_reached)
        for index, step in enumerate(steps)
    ]


def summarize_run(
    run: RunRef,
    steps: Sequence[RunbookStep],
    entries: Sequence[JournalEntry],
    failure: StepFailure | None,
    *,
    keep_lock: bool,
    lock_lost_to: str | None = None,
    unreported_launches: Sequence[str] = (),
) -> str:
    """Return the text of the summary.

    `failure` is None for a run that succeeded. `lock_lost_to` describes the other run that holds the lock.
    `unreported_launches` are launches that the run requested and no step recorded.
    """
    summaries = summarize_steps(
        steps, entries, succeeded=failure is None, failed=None if failure is None else failure.step
    )
    traffic, reason = assess_traffic(steps, entries)
    names = {step.id: step.name for step in steps}
    title = f"Run {run.id} ({run.origin} -> {run.target})"
    lines = [f"{title} succeeded." if failure is None else f"{title} failed."]
    if failure is not None:
        lines.append(f"Failed: {names.get(failure.step, failure.step)}: {failure.error}: {failure.cause}")
        lines += _failed_parts(entries, failure)
    lines += _list_steps("Done", summaries, StepOutcome.DONE)
    lines += [f"Passed over: {s.step.name}: {s.detail}" for s in summaries if s.outcome is StepOutcome.SKIPPED]
    lines += [
        f"Also failed: {s.step.name}: {s.detail}"
        for s in summaries
        if s.outcome is StepOutcome.FAILED and (failure is None or s.step.id != failure.step)
    ]
    if failure is not None:
        rollback_failures = [entry for entry in failed_undos(entries) if entry.step == failure.step]
        name = names.get(failure.step, failure.step)
        lines += [f"Also failed: rollback of {name}: {entry.detail}" for entry in rollback_failures]
    lines += _list_steps("Undone again", summaries, StepOutcome.UNDONE)
    lines += _list_steps("Begun, not finished", summaries, StepOutcome.UNFINISHED)
    lines += _list_steps("Not done", summaries, StepOutcome.NOT_REACHED)
    if unreported_launches:
        lines.append(f"Launched, but not recorded by any step: {_abbreviate(unreported_launches)}.")
    lines.append(f"Users: {_traffic_text(traffic, run)} ({reason}).")
    if failure is not None:
        lines.append(f"Lock: lost: {lock_lost_to}." if lock_lost_to else _lock_text(run, entries, keep_lock=keep_lock))
        unknown, is_lost = traffic is TrafficOutcome.UNKNOWN, lock_lost_to is not None
        lines.append(
            describe_next_steps(run, steps, entries, traffic_unknown=unknown, keep_lock=keep_lock, lock_lost=is_lost)
        )
    return truncate_cause("\n".join(lines))


def _failed_parts(entries: Sequence[JournalEntry], failure: StepFailure) -> list[str]:
    """Return the last failure of each part of the step. The state machine passes on only the names of their errors."""
    if failure.error != "Unforeseen":
        return []
    last = {
        str(e.facts["part"]): e.detail
        for e in entries
        if e.step == failure.step and e.event is JournalEvent.STEP_FAILED and "part" in e.facts
    }
    return [f"  {part}: {detail}" for part, detail in sorted(last.items())]


def _summarize_step(step: RunbookStep, entries: Sequence[JournalEntry], *, passed: bool) -> StepSummary:
    outcome, detail, at = StepOutcome.NOT_REACHED, "", None
    parts: dict[str, StepOutcome] = {}
    attempt = 0
    for entry in entries:
        at = entry.at
        if (entry.attempt or 0) > attempt:  # only the latest attempt counts
            attempt, parts = entry.attempt or 0, {}
        part = str(entry.facts.get("part", ""))
        match entry.event:
            case JournalEvent.STEP_STARTED | JournalEvent.STEP_WAITING:
                parts[part] = StepOutcome.UNFINISHED
            case JournalEvent.STEP_DONE:
                parts[part] = StepOutcome.UNDONE if entry.facts.get("undone") else StepOutcome.DONE
            case JournalEvent.STEP_FAILED:
                parts[part] = StepOutcome.FAILED
            case JournalEvent.QUESTION_ANSWERED if entry.facts.get("decision") == "approve":
                parts = {"": StepOutcome.DONE}
            case JournalEvent.QUESTION_ANSWERED | JournalEvent.STEP_SKIPPED if entry.facts.get("decision") == "skip":
                parts = {"": StepOutcome.SKIPPED}
            case JournalEvent.QUESTION_ASKED if entry.facts.get("kind") == "approval":
                parts[part] = StepOutcome.UNFINISHED
            case _:
                continue
        detail = entry.detail
        if entry.event is JournalEvent.STEP_FAILED and entry.facts.get("policy") == "continue":
            parts = {"": StepOutcome.SKIPPED}
    if parts:
        outcome = _worst_outcome(parts)
    if passed and not is_journaled(step.kind) and outcome in (StepOutcome.NOT_REACHED, StepOutcome.UNFINISHED):
        # A later step was reached, so this one is done. An approval may be given by its default.
        outcome = StepOutcome.DONE
    return StepSummary(step, outcome, detail, at)


_WORST_FIRST = (StepOutcome.FAILED, StepOutcome.UNFINISHED, StepOutcome.SKIPPED, StepOutcome.UNDONE, StepOutcome.DONE)


def _worst_outcome(parts: dict[str, StepOutcome]) -> StepOutcome:
    return next(outcome for outcome in _WORST_FIRST if outcome in parts.values())


def _list_steps(title: str, summaries: Sequence[StepSummary], outcome: StepOutcome) -> list[str]:
    names = [summary.step.name for summary in summaries if summary.outcome is outcome]
    return [f"{title}: {', '.join(names)}."] if names else []


def _abbreviate(names: Sequence[str]) -> str:
    omitted = len(names) - _MAX_NAMES
    return ", ".join(names[:_MAX_NAMES]) + (f" and {omitted} more" if omitted > 0 else "")


def _traffic_text(outcome: TrafficOutcome, run: RunRef) -> str:
    return {
        TrafficOutcome.NOT_MOVED: "were not moved",
        TrafficOutcome.MOVED: f"were sent to {run.target}",
        TrafficOutcome.MOVED_BACK: f"were sent to {run.target} and back",
        TrafficOutcome.UNKNOWN: f"may or may not have been sent to {run.target}",
    }[outcome]


def _lock_text(run: RunRef, entries: Sequence[JournalEntry], *, keep_lock: bool) -> str:
    if any(e.event is JournalEvent.LOCK_WAIVED for e in entries) and keep_lock:
        return f"Lock: not held, because its Region did not respond; the guard of {run.target} is kept."
    is_acquired = any(e.event in (JournalEvent.LOCK_TAKEN, JournalEvent.LOCK_TAKEN_OVER) for e in entries)
    if not is_acquired:
        return "Lock: this run did not hold it."
    return "Lock: still held by this run." if keep_lock else "Lock: released."
