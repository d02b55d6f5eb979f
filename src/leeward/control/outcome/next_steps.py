"""What a person does next, as the end of a failed run says it: the run's own last words."""

from __future__ import annotations

import json
from collections.abc import Sequence

from leeward.control.journal.run_journal import JournalEntry, JournalEvent
from leeward.control.outcome.run_end_state import was_undone
from leeward.control.run.run_reference import RunbookStep, RunRef

# The kind that deletes what a way back came from.
_RETIRE_KIND = "drs.retire"


def describe_next_steps(
    run: RunRef,
    steps: Sequence[RunbookStep],
    entries: Sequence[JournalEntry],
    *,
    traffic_unknown: bool,
    keep_lock: bool,
    lock_lost: bool,
) -> str:
    """The line that begins with `Now:`. `lost`: another run holds the lock; `users_unknown`: where they are sent."""
    if lock_lost:
        return "Now: leave the application to that run; when it has ended, start again."
    todo = ["find out where the users are sent before anything else"] if traffic_unknown else []
    todo.append("mend the cause")
    resume = f"`leeward resume {run.id}` goes on at the step that failed"
    again = f"start {run.runbook} of {run.application} again with {json.dumps(_next_run_input(run))}"
    if was_undone(entries):
        todo.append(f"{again}: what was done was taken back{', as far as that went' if keep_lock else ''}")
    elif _began_retiring(steps, entries):
        todo.append(f"{resume}; started anew, {run.runbook} would look for what this run has begun to retire")
    else:
        todo.append(f"{resume}; or {again}")
        todo.append("servers that this run has launched are kept, not launched twice")
    if keep_lock:
        todo.append("no other run starts until then")
    return f"Now: {'; '.join(todo)}."


def _began_retiring(steps: Sequence[RunbookStep], entries: Sequence[JournalEntry]) -> bool:
    """Whether the run has begun to give up what it came from: the servers that its first steps ask for may be gone."""
    retiring = {step.id for step in steps if step.kind == _RETIRE_KIND}
    return any(entry.event is JournalEvent.STEP_STARTED and entry.step in retiring for entry in entries)


def _next_run_input(run: RunRef) -> dict[str, object]:
    """The next run's input. What was said of the incident is said again: its data loss is reckoned from there, and by
    then the newest recovery points are older than the objective allows."""
    given: dict[str, object] = {"take_over": run.id}
    if run.incident_at is not None:
        given["incident_at"] = run.incident_at.isoformat()
    if run.point_in_time is not None:
        given["point_in_time"] = run.point_in_time.isoformat()
    if run.accept_data_loss:
        given["accept_data_loss"] = True
    return given
