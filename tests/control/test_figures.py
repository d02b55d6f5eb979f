"""What an approver is told: of the last look, and of this runbook's own past."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from leeward.control.approvals.approval_summary import summarize_for_approval
from leeward.control.journal.run_journal import JournalEntry, JournalEvent
from leeward.control.run.run_index import IndexedRun
from leeward.control.run.run_reference import RunRef
from tests.lambdas.world import run_ref

RUN = RunRef.model_validate(run_ref())
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


def looked(minutes: int, **lag: float | None) -> JournalEntry:
    worst = max((seconds for seconds in lag.values() if seconds is not None), default=0)
    facts = {"loss_seconds": lag, "worst_loss_seconds": worst}
    return JournalEntry(AT + timedelta(minutes=minutes), JournalEvent.STEP_DONE, "looked", "look", 1, facts)


def past(name: str, minutes: int, *, runbook: str = "failover", outcome: str = "succeeded") -> IndexedRun:
    return IndexedRun(
        run=f"website.{runbook}.{name}", application="website", runbook=runbook, origin="us-east-1",
        target="us-west-2", execution=f"arn:{name}", began_at=AT, outcome=outcome,
        ended_at=AT + timedelta(minutes=minutes),
    )  # fmt: skip


def told(*entries: JournalEntry, runs: tuple[IndexedRun, ...] = ()) -> list[str]:
    return summarize_for_approval(RUN, "approve", [BEGAN, *entries], runs)


def test_the_lag_is_that_of_the_last_look() -> None:
    lines = told(looked(1, database=8.0), looked(20, database=480.0, web=None))
    assert lines[:2] == [
        "Lag at 09:20:00 UTC: database 8m, web not known.",
        "Lost: what was written in up to 8m before now.",
    ]


def test_without_a_look_nothing_is_known() -> None:
    assert told()[:2] == [
        "Lag: no preflight has looked at it in this run.",
        "Lost: not known; no preflight has looked.",
    ]


def test_how_long_it_takes_is_what_this_runbooks_last_success_took() -> None:
    runs = (
        past("broken", 3, outcome="failed"),
        past("a-drill", 5, runbook="drill"),
        past("z-return", 7, runbook="return"),
        past("good", 27),
        past("older", 99),
    )
    assert "Takes: about 27m, as website.failover.good did; the objective is 30m." in told(runs=runs)
    assert any(line.startswith("Takes: not known, for no run of failover") for line in told(runs=runs[:3]))


def test_what_lies_ahead_of_the_question_will_be_done() -> None:
    assert told()[-1] == "Will be done: Recover the servers."
