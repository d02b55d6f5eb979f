"""What journals tell of how long steps took: successful runs of the runbook alone, and attempts that ended well."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from leeward.common.aws.tables.state_table import StateTable
from leeward.control.journal.run_journal import Journal, JournalEntry, JournalEvent
from leeward.control.run import run_index
from leeward.control.run.run_reference import RunRef
from leeward.control.run.step_durations import measure_steps
from tests.support.task_world import TaskWorld

BEGAN = datetime(2026, 3, 1, 9, tzinfo=UTC)


def record_run(table: StateTable, name: str, *, outcome: str, seconds: int, runbook: str = "failover") -> None:
    run = RunRef(
        id=f"website.{runbook}.{name}", application="website", runbook=runbook, origin="us-east-1",
        target="us-west-2", started_at=BEGAN,
    )  # fmt: skip
    run_index.add_run(table, run, "arn")
    journal = Journal(table, run.id, "request")
    after = [(JournalEvent.STEP_STARTED, 0, 1), (JournalEvent.STEP_FAILED, 5, 1), (JournalEvent.STEP_STARTED, 10, 2)]
    for event, at, attempt in [
        *after,
        (JournalEvent.STEP_DONE, 10 + seconds // 2, 2),
        (JournalEvent.STEP_DONE, 10 + seconds, 2),
    ]:
        journal.write(JournalEntry(BEGAN + timedelta(seconds=at), event, "x", "recover", attempt))
    run_index.close_run(table, run, "arn", ended_at=BEGAN + timedelta(hours=1), outcome=outcome)


def test_step_durations_use_successful_attempts_of_successful_runs(world: TaskWorld) -> None:
    table = world.table
    record_run(table, "one", outcome="succeeded", seconds=600)
    record_run(table, "two", outcome="succeeded", seconds=900)
    record_run(table, "three", outcome="failed", seconds=5)
    record_run(table, "four", outcome="succeeded", seconds=7, runbook="drill")
    runs, steps = measure_steps(table, "website", "failover")
    assert runs == 2
    assert sorted(steps["recover"]) == [600.0, 900.0], (
        "the last group of a wave ends the step; a failed attempt has no time"
    )


def test_step_durations_are_empty_without_runs(world: TaskWorld) -> None:
    assert measure_steps(world.table, "website", "failover") == (0, {})
