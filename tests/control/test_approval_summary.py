"""What an approver is told: of the last look, and of this runbook's own past."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from leeward.control.approvals.approval_summary import summarize_for_approval
from leeward.control.journal.run_journal import JournalEntry, JournalEvent
from leeward.control.run.run_index import IndexedRun
from leeward.control.run.run_reference import RunRef
from tests.support.task_world import run_reference

RUN = RunRef.model_validate(run_reference())
AT = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
STEPS = [
    {"id": "look", "name": "Look", "kind": "preflight"},
    {"id": "approve", "name": "Ask", "kind": "approval.request"},
    {"id": "recover", "name": "Recover the servers", "kind": "drs.recover"},
    {"id": "tell", "name": "Tell the team", "kind": "notify"},
]
RUNBOOK = {
    "application": "website", "runbook": "failover", "origin": "us-east-1", "target": "us-west-2",
    "rto_seconds": 1800, "rpo_seconds": 300, "steps": STEPS,
}  # fmt: skip
BEGAN = JournalEntry(AT, JournalEvent.RUN_BEGAN, "began", facts={"runbook": RUNBOOK})


def preflight_entry(minutes: int, **lag: float | None) -> JournalEntry:
    worst = max((seconds for seconds in lag.values() if seconds is not None), default=0)
    facts = {"loss_seconds": lag, "worst_loss_seconds": worst}
    return JournalEntry(AT + timedelta(minutes=minutes), JournalEvent.STEP_DONE, "looked", "look", 1, facts)


def past_run(name: str, minutes: int, *, runbook: str = "failover", outcome: str = "succeeded") -> IndexedRun:
    return IndexedRun(
        run=f"website.{runbook}.{name}", application="website", runbook=runbook, origin="us-east-1",
        target="us-west-2", execution=f"arn:{name}", began_at=AT, outcome=outcome,
        ended_at=AT + timedelta(minutes=minutes),
    )  # fmt: skip


def summary_lines(*entries: JournalEntry, runs: tuple[IndexedRun, ...] = ()) -> list[str]:
    return summarize_for_approval(RUN, "approve", [BEGAN, *entries], runs)


def test_lag_is_taken_from_latest_preflight() -> None:
    lines = summary_lines(preflight_entry(1, database=8.0), preflight_entry(20, database=480.0, web=None))
    assert lines[:2] == [
        "Lag at 09:20:00 UTC: database 8m, web not known.",
        "Lost: writes of up to 8m before now.",
    ]


def test_lag_is_unknown_without_preflight() -> None:
    assert summary_lines()[:2] == [
        "Lag: not known; no preflight has run.",
        "Lost: not known; no preflight has run.",
    ]


def test_expected_duration_is_last_success_of_same_runbook() -> None:
    runs = (
        past_run("broken", 3, outcome="failed"),
        past_run("a-drill", 5, runbook="drill"),
        past_run("z-return", 7, runbook="return"),
        past_run("good", 27),
        past_run("older", 99),
    )
    assert "Takes: about 27m, as website.failover.good did; the objective is 30m." in summary_lines(runs=runs)
    assert any(line.startswith("Takes: not known; no run of failover") for line in summary_lines(runs=runs[:3]))


def test_summary_lists_steps_after_question() -> None:
    assert summary_lines()[-1] == "Will be done: Recover the servers."
