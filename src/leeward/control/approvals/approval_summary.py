"""The summary for an approver: replication lag by group, data loss, expected duration, and planned changes.

All figures come from the run's journal, where the preflight recorded them. Makes no AWS calls.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from leeward.base import durations
from leeward.common.claims.all_claims import find_claims
from leeward.common.claims.types.run_claims import Ready
from leeward.control.journal.run_journal import JournalEntry, JournalEvent
from leeward.control.run.run_index import IndexedRun
from leeward.control.run.run_reference import RunbookSummary, RunRef
from leeward.kinds.descriptors.effects import Effect
from leeward.kinds.registry import has_effect, is_known


def summarize_for_approval(
    run: RunRef, step: str, entries: Sequence[JournalEntry], earlier_runs: Sequence[IndexedRun]
) -> list[str]:
    """Return the lines of the summary.

    `step` is the id of the step that asks for approval. `earlier_runs` are the application's runs, latest first.
    """
    began = next((entry for entry in entries if entry.event is JournalEvent.RUN_BEGAN), None)
    runbook = None if began is None else RunbookSummary.model_validate(began.facts["runbook"])
    lines = [*_lag_lines(entries), _data_loss_line(run, entries)]
    if runbook is not None:
        lines += [_duration_line(runbook, earlier_runs), _changes_line(run, runbook, step)]
    return lines


def _lag_lines(entries: Sequence[JournalEntry]) -> list[str]:
    checked = _find_readiness(entries)
    if checked is None:
        return ["Lag: not known; no preflight has run."]
    entry, ready = checked
    lags = (f"{group} {_format_seconds(seconds)}" for group, seconds in ready.loss_seconds.items())
    return [f"Lag at {entry.at:%H:%M:%S} UTC: {', '.join(lags) or 'no servers'}."]


def _find_readiness(entries: Sequence[JournalEntry]) -> tuple[JournalEntry, Ready] | None:
    """Return what the last preflight found, with its journal entry."""
    found = [(entry, claim) for entry in entries for claim in find_claims(entry.facts, Ready)]
    return found[-1] if found else None


def _format_seconds(seconds: object) -> str:
    return durations.format_duration(seconds) if isinstance(seconds, int | float) else "not known"


def _data_loss_line(run: RunRef, entries: Sequence[JournalEntry]) -> str:
    accepted = [e.detail for e in entries if e.event is JournalEvent.DATA_LOSS_ACCEPTED]
    if accepted:
        return f"Lost: {accepted[-1]}"
    checked = _find_readiness(entries)
    if checked is None:
        return "Lost: not known; no preflight has run."
    until = "the incident" if run.incident_at else "now"
    return f"Lost: writes of up to {_format_seconds(checked[1].worst_loss_seconds)} before {until}."


def _duration_line(runbook: RunbookSummary, earlier_runs: Sequence[IndexedRun]) -> str:
    objective = f"the objective is {durations.format_duration(timedelta(seconds=runbook.rto_seconds))}"
    done = [
        r for r in earlier_runs if r.runbook == runbook.runbook and r.outcome == "succeeded" and r.ended_at is not None
    ]
    if not done or done[0].ended_at is None:
        return f"Takes: not known; no run of {runbook.runbook} has succeeded yet; {objective}."
    duration = durations.format_duration(done[0].ended_at - done[0].began_at)
    return f"Takes: about {duration}, as {done[0].run} did; {objective}."


def _changes_line(run: RunRef, runbook: RunbookSummary, step: str) -> str:
    ids = [each.id for each in runbook.steps]
    ahead = runbook.steps[ids.index(step) + 1 :] if step in ids else runbook.steps
    names = [s.name for s in ahead if _may_change(s.kind) and s.id not in run.skip]
    return f"Will be done: {'; '.join(names) or 'no changes'}."


def _may_change(kind: str) -> bool:
    """Return whether steps of the kind may change something. One that isn't installed here may."""
    return not is_known(kind) or has_effect(kind, Effect.CHANGES)
