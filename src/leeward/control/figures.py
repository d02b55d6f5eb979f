"""The figures that an approver needs: how far each group lags, what is lost, how long it will take, what is touched.

Read from the run's own journal, where the preflight has just written what it saw; nothing here calls AWS.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

from leeward.common import durations
from leeward.control.journal import Entry, Event
from leeward.control.register import Registered
from leeward.control.run import Runbook, RunRef

_NOTHING_TOUCHED = frozenset({"lock", "preflight", "approval.request", "notify", "wait", "http.check"})


def figures(run: RunRef, step: str, entries: Sequence[Entry], past: Sequence[Registered]) -> list[str]:
    """Lines for the message. `past`: the application's runs, latest first; `step` is the one that asks."""
    began = next((entry for entry in entries if entry.event is Event.RUN_BEGAN), None)
    runbook = None if began is None else Runbook.model_validate(began.facts["runbook"])
    lines = [*_lag(entries), _lost(run, entries)]
    if runbook is not None:
        lines += [_takes(runbook, past), _touched(run, runbook, step)]
    return lines


def _lag(entries: Sequence[Entry]) -> list[str]:
    looked = [e for e in entries if e.event is Event.STEP_DONE and "loss_seconds" in e.facts]
    if not looked:
        return ["Lag: no preflight has looked at it in this run."]
    by_group = looked[-1].facts["loss_seconds"]
    told = by_group if isinstance(by_group, Mapping) else {}
    words = (f"{group} {_span(seconds)}" for group, seconds in told.items())
    return [f"Lag at {looked[-1].at:%H:%M:%S} UTC: {', '.join(words) or 'no servers'}."]


def _span(seconds: object) -> str:
    return durations.show(seconds) if isinstance(seconds, int | float) else "not known"


def _lost(run: RunRef, entries: Sequence[Entry]) -> str:
    accepted = [e.detail for e in entries if e.event is Event.DATA_LOSS_ACCEPTED]
    if accepted:
        return f"Lost: {accepted[-1]}"
    worst = [e.facts["worst_loss_seconds"] for e in entries if "worst_loss_seconds" in e.facts]
    if not worst:
        return "Lost: not known; no preflight has looked."
    until = "the incident" if run.incident_at else "now"
    return f"Lost: what was written in up to {_span(worst[-1])} before {until}."


def _takes(runbook: Runbook, past: Sequence[Registered]) -> str:
    goal = f"the objective is {durations.show(timedelta(seconds=runbook.rto_seconds))}"
    done = [r for r in past if r.runbook == runbook.runbook and r.outcome == "succeeded" and r.ended_at is not None]
    if not done or done[0].ended_at is None:
        return f"Takes: not known, for no run of {runbook.runbook} has succeeded yet; {goal}."
    return f"Takes: about {durations.show(done[0].ended_at - done[0].began_at)}, as {done[0].run} did; {goal}."


def _touched(run: RunRef, runbook: Runbook, step: str) -> str:
    ids = [each.id for each in runbook.steps]
    ahead = runbook.steps[ids.index(step) + 1 :] if step in ids else runbook.steps
    names = [s.name for s in ahead if s.kind not in _NOTHING_TOUCHED and s.id not in run.skip]
    return f"Will be done: {'; '.join(names) or 'nothing that changes anything'}."
