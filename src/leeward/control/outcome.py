"""The truthful end of a run, worked out from its journal alone.

What was done, what failed and why, what was not done, whether the users were moved, who holds the lock, what to do now.
Nothing here calls AWS.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from leeward.control.advice import advice
from leeward.control.ends import not_taken_back
from leeward.control.failure import Failure, shorten
from leeward.control.journal import Entry, Event
from leeward.control.run import RunRef, StepName

# Kinds that send users elsewhere, and errors after which it is certain that they moved nobody.
_TRAFFIC = frozenset({"arc.route", "route53.weights", "route53.shift", "api.out_of_service", "api.in_service"})
_NOTHING_MOVED = frozenset({"SafetyRuleBlocked", "AccessDenied", "InvalidInput", "NotFound", "QuotaExceeded"})
# Kinds that the state machine carries out itself, so that they leave no trace in the journal when all goes well.
_SILENT = frozenset({"wait", "lambda.invoke", "approval.request"})
# An account has little room (control/failure.py).
_NAMED = 5


class Fate(StrEnum):
    """How a step ended."""

    DONE = "done"
    PASSED_OVER = "passed over"
    FAILED = "failed"
    UNFINISHED = "begun, not finished"
    UNDONE = "undone"
    NOT_REACHED = "not reached"


class Users(StrEnum):
    """Where the users were sent, as far as is known."""

    NOT_MOVED = "not moved"
    MOVED = "moved"
    MOVED_BACK = "moved back"
    UNKNOWN = "may have been moved"


@dataclass(frozen=True, slots=True)
class StepEnd:
    """One step's fate, and the words to it."""

    step: StepName
    fate: Fate
    detail: str
    at: datetime | None


def step_ends(
    steps: Sequence[StepName], entries: Sequence[Entry], *, succeeded: bool, failed: str | None = None
) -> list[StepEnd]:
    """Each step's fate, in the runbook's order. `failed` is the step that the run failed at, of which the journal says
    nothing where it could not be written."""
    last_seen = max(
        (i for i, step in enumerate(steps) if step.id == failed or any(e.step == step.id for e in entries)),
        default=-1,
    )
    if succeeded:
        last_seen = len(steps)
    return [
        _fate(step, [e for e in entries if e.step == step.id], passed=index < last_seen)
        for index, step in enumerate(steps)
    ]


def users(steps: Sequence[StepName], entries: Sequence[Entry]) -> tuple[Users, str]:
    """Where the users were sent, and why that is believed."""
    moves: list[Entry] = []
    doubt: Entry | None = None
    for entry in entries:
        if not any(step.id == entry.step and step.kind in _TRAFFIC for step in steps):
            continue
        if entry.event is Event.STEP_DONE:
            moves.append(entry)
            doubt = None
        elif entry.event is Event.STEP_STARTED:
            doubt = entry
        elif entry.event is Event.STEP_FAILED:
            doubt = None if entry.facts.get("error") in _NOTHING_MOVED else entry
    if doubt is not None:
        return Users.UNKNOWN, doubt.detail
    if not moves:
        return Users.NOT_MOVED, "no step that moves them was carried out"
    if moves[0].facts.get("traffic") != moves[-1].facts.get("traffic"):
        return Users.MOVED_BACK, moves[-1].detail
    return Users.MOVED, moves[-1].detail


def cause(
    run: RunRef,
    steps: Sequence[StepName],
    entries: Sequence[Entry],
    failure: Failure | None,
    *,
    keep_lock: bool,
    lost: str | None = None,
    launches: Sequence[str] = (),
) -> str:
    """The text of the end. `failure` is None for a run that succeeded; `lost` says which other run holds the lock;
    `launches` are those that the run asked for and of which no step has told."""
    ends = step_ends(steps, entries, succeeded=failure is None, failed=None if failure is None else failure.step)
    where, why = users(steps, entries)
    names = {step.id: step.name for step in steps}
    title = f"Run {run.id} ({run.origin} -> {run.target})"
    lines = [f"{title} succeeded." if failure is None else f"{title} failed."]
    if failure is not None:
        lines.append(f"Failed: {names.get(failure.step, failure.step)}: {failure.error}: {failure.cause}")
        lines += _parts_that_failed(entries, failure)
    lines += _listed("Done", ends, Fate.DONE)
    lines += [f"Passed over: {e.step.name}: {e.detail}" for e in ends if e.fate is Fate.PASSED_OVER]
    lines += [
        f"Also failed: {e.step.name}: {e.detail}"
        for e in ends
        if e.fate is Fate.FAILED and (failure is None or e.step.id != failure.step)
    ]
    if failure is not None:
        own = [entry for entry in not_taken_back(entries) if entry.step == failure.step]
        lines += [f"Also failed: to take back {names.get(failure.step, failure.step)}: {e.detail}" for e in own]
    lines += _listed("Undone again", ends, Fate.UNDONE)
    lines += _listed("Begun, not finished", ends, Fate.UNFINISHED)
    lines += _listed("Not done", ends, Fate.NOT_REACHED)
    if launches:
        lines.append(f"Launched, and told of by no step: {_some(launches)}.")
    lines.append(f"Users: {_users_text(where, run)} ({why}).")
    if failure is not None:
        lines.append(f"Lock: lost: {lost}." if lost else _lock_text(run, entries, keep_lock=keep_lock))
        unknown, is_lost = where is Users.UNKNOWN, lost is not None
        lines.append(advice(run, steps, entries, users_unknown=unknown, keep_lock=keep_lock, lost=is_lost))
    return shorten("\n".join(lines))


def _parts_that_failed(entries: Sequence[Entry], failure: Failure) -> list[str]:
    """What each of the step's parts said last, where the state machine carries their errors' names alone."""
    if failure.error != "Unforeseen":
        return []
    last = {
        str(e.facts["part"]): e.detail
        for e in entries
        if e.step == failure.step and e.event is Event.STEP_FAILED and "part" in e.facts
    }
    return [f"  {part}: {detail}" for part, detail in sorted(last.items())]


def _fate(step: StepName, entries: Sequence[Entry], *, passed: bool) -> StepEnd:
    fate, detail, at = Fate.NOT_REACHED, "", None
    parts: dict[str, Fate] = {}
    attempt = 0
    for entry in entries:
        at = entry.at
        if (entry.attempt or 0) > attempt:  # what the earlier attempts came to counts no more
            attempt, parts = entry.attempt or 0, {}
        part = str(entry.facts.get("part", ""))
        match entry.event:
            case Event.STEP_STARTED | Event.STEP_WAITING:
                parts[part] = Fate.UNFINISHED
            case Event.STEP_DONE:
                parts[part] = Fate.UNDONE if entry.facts.get("undone") else Fate.DONE
            case Event.STEP_FAILED:
                parts[part] = Fate.FAILED
            case Event.QUESTION_ANSWERED if entry.facts.get("decision") == "approve":
                parts = {"": Fate.DONE}
            case Event.QUESTION_ANSWERED | Event.STEP_SKIPPED if entry.facts.get("decision") == "skip":
                parts = {"": Fate.PASSED_OVER}
            case Event.QUESTION_ASKED if entry.facts.get("kind") == "approval":
                parts[part] = Fate.UNFINISHED
            case _:
                continue
        detail = entry.detail
        if entry.event is Event.STEP_FAILED and entry.facts.get("policy") == "continue":
            parts = {"": Fate.PASSED_OVER}
    if parts:
        fate = _worst(parts)
    if passed and step.kind in _SILENT and fate in (Fate.NOT_REACHED, Fate.UNFINISHED):
        # A later step was reached, and only a step that is done leads to it (silence may approve).
        fate = Fate.DONE
    return StepEnd(step, fate, detail, at)


_SEVERITY = (Fate.FAILED, Fate.UNFINISHED, Fate.PASSED_OVER, Fate.UNDONE, Fate.DONE)


def _worst(parts: dict[str, Fate]) -> Fate:
    return next(fate for fate in _SEVERITY if fate in parts.values())


def _listed(title: str, ends: Sequence[StepEnd], fate: Fate) -> list[str]:
    names = [end.step.name for end in ends if end.fate is fate]
    return [f"{title}: {', '.join(names)}."] if names else []


def _some(names: Sequence[str]) -> str:
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")


def _users_text(where: Users, run: RunRef) -> str:
    return {
        Users.NOT_MOVED: "were not moved",
        Users.MOVED: f"were sent to {run.target}",
        Users.MOVED_BACK: f"were sent to {run.target} and back",
        Users.UNKNOWN: f"may or may not have been sent to {run.target}",
    }[where]


def _lock_text(run: RunRef, entries: Sequence[Entry], *, keep_lock: bool) -> str:
    if any(e.event is Event.LOCK_WAIVED for e in entries) and keep_lock:
        return f"Lock: not held, its Region did not answer; the guard of {run.target} is kept."
    taken = any(e.event in (Event.LOCK_TAKEN, Event.LOCK_TAKEN_OVER) for e in entries)
    if not taken:
        return "Lock: this run did not hold it."
    return f"Lock: still held by this run, of {run.application}." if keep_lock else "Lock: released."
