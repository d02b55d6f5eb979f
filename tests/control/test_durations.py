"""What journals tell of how long steps took: successful runs of the runbook alone, and attempts that ended well."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from leeward.common.table import Table
from leeward.control import register
from leeward.control.durations import of_steps
from leeward.control.journal import Entry, Event, Journal
from leeward.control.run import RunRef
from tests.lambdas.world import World

BEGAN = datetime(2026, 3, 1, 9, tzinfo=UTC)


def played(table: Table, name: str, *, outcome: str, seconds: int, runbook: str = "failover") -> None:
    run = RunRef(
        id=f"website.{runbook}.{name}", application="website", runbook=runbook, origin="us-east-1",
        target="us-west-2", started_at=BEGAN,
    )  # fmt: skip
    register.enter(table, run, "arn")
    journal = Journal(table, run.id, "request")
    after = [(Event.STEP_STARTED, 0, 1), (Event.STEP_FAILED, 5, 1), (Event.STEP_STARTED, 10, 2)]
    for event, at, attempt in [*after, (Event.STEP_DONE, 10 + seconds // 2, 2), (Event.STEP_DONE, 10 + seconds, 2)]:
        journal.write(Entry(BEGAN + timedelta(seconds=at), event, "x", "recover", attempt))
    register.close(table, run, "arn", ended_at=BEGAN + timedelta(hours=1), outcome=outcome)


def test_attempts_that_ended_well_of_runs_that_succeeded(world: World) -> None:
    table = world.table
    played(table, "one", outcome="succeeded", seconds=600)
    played(table, "two", outcome="succeeded", seconds=900)
    played(table, "three", outcome="failed", seconds=5)
    played(table, "four", outcome="succeeded", seconds=7, runbook="drill")
    runs, steps = of_steps(table, "website", "failover")
    assert runs == 2
    assert sorted(steps["recover"]) == [600.0, 900.0], (
        "the last group of a wave ends the step; a failed attempt has no time"
    )


def test_no_run_tells_nothing(world: World) -> None:
    assert of_steps(world.table, "website", "failover") == (0, {})
