"""The figures that an approver needs: how far each group lags, what is lost, how long it will take, what is touched.

Read from the run's own journal, where the preflight has just written what it saw; nothing here calls AWS.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

from leeward.base import durations
from leeward.control.journal.run_journal import JournalEntry, JournalEvent
from leeward.control.run.run_index import IndexedRun
from leeward.control.run.run_reference import RunbookSummary, RunRef

_READ_ONLY_KINDS = frozenset({"lock", "preflight", "approval.request", "notify", "wait", "http.check"})


def summarize_for_approval(
    run: RunRef, step: str, entries: Sequence[JournalEntry], earlier_runs: Sequence[IndexedRun]
) -> list[str]:
    """Lines for the message. `past`: the application's runs, latest first; `step` is the one that asks."""
    began = next((entry for entry in entries if entry.event is JournalEvent.RUN_BEGAN), None)
    runbook = None if began is None else RunbookSummary.model_validate(began.facts["runbook"])
    lines = [*_lag_lines(entries), _data_loss_line(run, entries)]
    if runbook is not None:
        lines += [_duration_line(runbook, earlier_runs), _changes_line(run, runbook, step)]
    return lines


def _lag_lines(entries: Sequence[JournalEntry]) -> list[str]:
    looked = [e for e in entries if e.event is JournalEvent.STEP_DONE and "loss_seconds" in e.facts]
    if not looked:
        return ["Lag: no preflight has looked at it in this run."]
    by_group = looked[-1].facts["loss_seconds"]
    told = by_group if isinstance(by_group, Mapping) else {}
    words = (f"{group} {_format_seconds(seconds)}" for group, seconds in told.items())
    return [f"Lag at {looked[-1].at:%H:%M:%S} UTC: {', '.join(words) or 'no servers'}."]


def _format_seconds(seconds: object) -> str:
    return durations.format_duration(seconds) if isinstance(seconds, int | float) else "not known"


def _data_loss_line(run: RunRef, entries: Sequence[JournalEntry]) -> str:
    accepted = [e.detail for e in entries if e.event is JournalEvent.DATA_LOSS_ACCEPTED]
    if accepted:
        return f"Lost: {accepted[-1]}"
    worst = [e.facts["worst_loss_seconds"] for e in entries if "worst_loss_seconds" in e.facts]
    if not worst:
        return "Lost: not known; no preflight has looked."
    until = "the incident" if run.incident_at else "now"
    return f"Lost: what was written in up to {_format_seconds(worst[-1])} before {until}."


def _duration_line(runbook: RunbookSummary, earlier_runs: Sequence[IndexedRun]) -> str:
    goal = f"the objective is {durations.format_duration(timedelta(seconds=runbook.rto_seconds))}"
    done = [
        r for r in earlier_runs if r.runbook == runbook.runbook and r.outcome == "succeeded" and r.ended_at is not None
    ]
    if not done or done[0].ended_at is None:
        return f"Takes: not known, for no run of {runbook.runbook} has succeeded yet; {goal}."
    return (
        f"Takes: about {durations.format_duration(done[0].ended_at - done[0].began_at)}, as {done[0].run} did; {goal}."
    )


def _changes_line(run: RunRef, runbook: RunbookSummary, step: str) -> str:
    ids = [each.id for each in runbook.steps]
    ahead = runbook.steps[ids.index(step) + 1 :] if step in ids else runbook.steps
    names = [s.name for s in ahead if s.kind not in _READ_ONLY_KINDS and s.id not in run.skip]
    return f"Will be done: {'; '.join(names) or 'nothing that changes anything'}."
