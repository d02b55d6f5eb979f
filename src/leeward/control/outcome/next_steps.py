"""The next steps for the operator after a failed run: the last line of the run summary."""

from __future__ import annotations

import json
from collections.abc import Sequence

from leeward.control.journal.run_journal import JournalEntry, JournalEvent
from leeward.control.outcome.run_end_state import was_undone
from leeward.control.run.run_reference import RunbookStep, RunRef
from leeward.kinds.descriptors.effects import Effect
from leeward.kinds.registry import has_effect


def describe_next_steps(
    run: RunRef,
    steps: Sequence[RunbookStep],
    entries: Sequence[JournalEntry],
    *,
    traffic_unknown: bool,
    keep_lock: bool,
    lock_lost: bool,
) -> str:
    """Return the line of the run summary that begins with `Now:`.

    `traffic_unknown` means that the summary can't say where users are sent. `keep_lock` means that the run keeps its
    lock. `lock_lost` means that another run holds the lock.
    """
    if lock_lost:
        return "Now: wait until that run has ended, then start again."
    actions = ["first find out where users are sent"] if traffic_unknown else []
    actions.append("fix the cause")
    resume = f"`leeward resume {run.id}` continues at the failed step"
    restart = f"start {run.runbook} of {run.application} again with {json.dumps(_next_run_input(run))}"
    if was_undone(entries):
        completed = "partly rolled back" if keep_lock else "rolled back"
        actions.append(f"{restart}, because this run was {completed}")
    elif _began_retiring(steps, entries):
        actions.append(f"{resume}; do not start {run.runbook} again, because this run has begun to retire its origin")
    else:
        actions.append(f"{resume}; or {restart}")
        actions.append("servers that this run launched are kept and not launched again")
    if keep_lock:
        actions.append("no other run can start until then")
    return f"Now: {'; '.join(actions)}."


def _began_retiring(steps: Sequence[RunbookStep], entries: Sequence[JournalEntry]) -> bool:
    """Return whether the run has begun to retire its origin, so the servers that its first steps need may be gone."""
    retiring = {step.id for step in steps if has_effect(step.kind, Effect.RETIRES_ORIGIN)}
    return any(entry.event is JournalEvent.STEP_STARTED and entry.step in retiring for entry in entries)


def _next_run_input(run: RunRef) -> dict[str, object]:
    """Return the input for the next run.

    It repeats the incident time, because data loss is measured from it: without it, the newest recovery points would be
    older than the objective allows.
    """
    next_input: dict[str, object] = {"take_over": run.id}
    if run.incident_at is not None:
        next_input["incident_at"] = run.incident_at.isoformat()
    if run.point_in_time is not None:
        next_input["point_in_time"] = run.point_in_time.isoformat()
    if run.accept_data_loss:
        next_input["accept_data_loss"] = True
    return next_input
