"""The truthful end of a run, worked out from its journal alone.

What was done, what failed and why, what was not done, whether the users were moved, who holds the lock, what to do now.
Nothing here calls AWS.
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
from leeward.control.run.run_reference import RunbookStep, RunRef

# Kinds that send users elsewhere, and errors after which it is certain that they moved nobody.
_TRAFFIC_KINDS = frozenset({"arc.route", "route53.weights", "route53.shift", "api.out_of_service", "api.in_service"})
_ERRORS_WITHOUT_MOVE = frozenset({"SafetyRuleBlocked", "AccessDenied", "InvalidInput", "NotFound", "QuotaExceeded"})
# Kinds that the state machine carries out itself, so that they leave no trace in the journal when all goes well.
_UNJOURNALED_KINDS = frozenset({"wait", "lambda.invoke", "approval.request"})
# An account has little room (control/outcome/step_failure.py).
_MAX_NAMES = 5


class StepOutcome(StrEnum):
    """How a step ended."""

    DONE = "done"
    SKIPPED = "passed over"
    FAILED = "failed"
    UNFINISHED = "begun, not finished"
    UNDONE = "undone"
    NOT_REACHED = "not reached"


class TrafficOutcome(StrEnum):
    """Where the users were sent, as far as is known."""

    NOT_MOVED = "not moved"
    MOVED = "moved"
    MOVED_BACK = "moved back"
    UNKNOWN = "may have been moved"


@dataclass(frozen=True, slots=True)
class StepSummary:
    """One step's fate, and the words to it."""

    step: RunbookStep
    outcome: StepOutcome
    detail: str
    at: datetime | None


def summarize_steps(
    steps: Sequence[RunbookStep], entries: Sequence[JournalEntry], *, succeeded: bool, failed: str | None = None
) -> list[StepSummary]:
    """Each step's fate, in the runbook's order. `failed` is the step that the run failed at, of which the journal says
    nothing where it could not be written."""
    last_seen = max(
        (i for i, step in enumerate(steps) if step.id == failed or any(e.step == step.id for e in entries)),
        default=-1,
    )
    if succeeded:
        last_seen = len(steps)
    return [
        _summarize_step(step, [e for e in entries if e.step == step.id], passed=index < last_seen)
        for index, step in enumerate(steps)
    ]


def assess_traffic(steps: Sequence[RunbookStep], entries: Sequence[JournalEntry]) -> tuple[TrafficOutcome, str]:
    """Where the users were sent, and why that is believed."""
    moves: list[JournalEntry] = []
    doubt: JournalEntry | None = None
    for entry in entries:
        if not any(step.id == entry.step and step.kind in _TRAFFIC_KINDS for step in steps):
            continue
        if entry.event is JournalEvent.STEP_DONE:
            moves.append(entry)
            doubt = None
        elif entry.event is JournalEvent.STEP_STARTED:
            doubt = entry
        elif entry.event is JournalEvent.STEP_FAILED:
            doubt = None if entry.facts.get("error") in _ERRORS_WITHOUT_MOVE else entry
    if doubt is not None:
        return TrafficOutcome.UNKNOWN, doubt.detail
    if not moves:
        return TrafficOutcome.NOT_MOVED, "no step that moves them was carried out"
    if moves[0].facts.get("traffic") != moves[-1].facts.get("traffic"):
        return TrafficOutcome.MOVED_BACK, moves[-1].detail
    return TrafficOutcome.MOVED, moves[-1].detail


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
    """The text of the end. `failure` is None for a run that succeeded; `lost` says which other run holds the lock;
    `launches` are those that the run asked for and of which no step has told."""
    ends = summarize_steps(steps, entries, succeeded=failure is None, failed=None if failure is None else failure.step)
    where, why = assess_traffic(steps, entries)
    names = {step.id: step.name for step in steps}
    title = f"Run {run.id} ({run.origin} -> {run.target})"
    lines = [f"{title} succeeded." if failure is None else f"{title} failed."]
    if failure is not None:
        lines.append(f"Failed: {names.get(failure.step, failure.step)}: {failure.error}: {failure.cause}")
        lines += _failed_parts(entries, failure)
    lines += _list_steps("Done", ends, StepOutcome.DONE)
    lines += [f"Passed over: {e.step.name}: {e.detail}" for e in ends if e.outcome is StepOutcome.SKIPPED]
    lines += [
        f"Also failed: {e.step.name}: {e.detail}"
        for e in ends
        if e.outcome is StepOutcome.FAILED and (failure is None or e.step.id != failure.step)
    ]
    if failure is not None:
        own = [entry for entry in failed_undos(entries) if entry.step == failure.step]
        lines += [f"Also failed: to take back {names.get(failure.step, failure.step)}: {e.detail}" for e in own]
    lines += _list_steps("Undone again", ends, StepOutcome.UNDONE)
    lines += _list_steps("Begun, not finished", ends, StepOutcome.UNFINISHED)
    lines += _list_steps("Not done", ends, StepOutcome.NOT_REACHED)
    if unreported_launches:
        lines.append(f"Launched, and told of by no step: {_abbreviate(unreported_launches)}.")
    lines.append(f"Users: {_traffic_text(where, run)} ({why}).")
    if failure is not None:
        lines.append(f"Lock: lost: {lock_lost_to}." if lock_lost_to else _lock_text(run, entries, keep_lock=keep_lock))
        unknown, is_lost = where is TrafficOutcome.UNKNOWN, lock_lost_to is not None
        lines.append(
            describe_next_steps(run, steps, entries, traffic_unknown=unknown, keep_lock=keep_lock, lock_lost=is_lost)
        )
    return truncate_cause("\n".join(lines))


def _failed_parts(entries: Sequence[JournalEntry], failure: StepFailure) -> list[str]:
    """What each of the step's parts said last, where the state machine carries their errors' names alone."""
    if failure.error != "Unforeseen":
        return []
    last = {
        str(e.facts["part"]): e.detail
        for e in entries
        if e.step == failure.step and e.event is JournalEvent.STEP_FAILED and "part" in e.facts
    }
    return [f"  {part}: {detail}" for part, detail in sorted(last.items())]


def _summarize_step(step: RunbookStep, entries: Sequence[JournalEntry], *, passed: bool) -> StepSummary:
    fate, detail, at = StepOutcome.NOT_REACHED, "", None
    parts: dict[str, StepOutcome] = {}
    attempt = 0
    for entry in entries:
        at = entry.at
        if (entry.attempt or 0) > attempt:  # what the earlier attempts came to counts no more
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
        fate = _worst_outcome(parts)
    if passed and step.kind in _UNJOURNALED_KINDS and fate in (StepOutcome.NOT_REACHED, StepOutcome.UNFINISHED):
        # A later step was reached, and only a step that is done leads to it (silence may approve).
        fate = StepOutcome.DONE
    return StepSummary(step, fate, detail, at)


_WORST_FIRST = (StepOutcome.FAILED, StepOutcome.UNFINISHED, StepOutcome.SKIPPED, StepOutcome.UNDONE, StepOutcome.DONE)


def _worst_outcome(parts: dict[str, StepOutcome]) -> StepOutcome:
    return next(fate for fate in _WORST_FIRST if fate in parts.values())


def _list_steps(title: str, ends: Sequence[StepSummary], fate: StepOutcome) -> list[str]:
    names = [end.step.name for end in ends if end.outcome is fate]
    return [f"{title}: {', '.join(names)}."] if names else []


def _abbreviate(names: Sequence[str]) -> str:
    more = len(names) - _MAX_NAMES
    return ", ".join(names[:_MAX_NAMES]) + (f" and {more} more" if more > 0 else "")


def _traffic_text(outcome: TrafficOutcome, run: RunRef) -> str:
    return {
        TrafficOutcome.NOT_MOVED: "were not moved",
        TrafficOutcome.MOVED: f"were sent to {run.target}",
        TrafficOutcome.MOVED_BACK: f"were sent to {run.target} and back",
        TrafficOutcome.UNKNOWN: f"may or may not have been sent to {run.target}",
    }[outcome]


def _lock_text(run: RunRef, entries: Sequence[JournalEntry], *, keep_lock: bool) -> str:
    if any(e.event is JournalEvent.LOCK_WAIVED for e in entries) and keep_lock:
        return f"Lock: not held, its Region did not answer; the guard of {run.target} is kept."
    taken = any(e.event in (JournalEvent.LOCK_TAKEN, JournalEvent.LOCK_TAKEN_OVER) for e in entries)
    if not taken:
        return "Lock: this run did not hold it."
    return f"Lock: still held by this run, of {run.application}." if keep_lock else "Lock: released."
