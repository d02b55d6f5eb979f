"""A run that is stuck, or waits for a person who does not know it, is seen."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from moto.cloudwatch.models import cloudwatch_backends

from leeward.control.journal.run_journal import Journal, JournalEntry, JournalEvent
from tests.support.task_world import ACCOUNT, TARGET, TaskWorld

WAITS = {"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 86400, "End": True}}}


@pytest.fixture
def machine(world: TaskWorld) -> str:
    return world.engine.create_state_machine(TARGET, "website-failover", WAITS)


def watch_silence(world: TaskWorld, machine: str) -> float:
    world.call("run_watch", {"application": "website", "machines": {"failover": machine}})
    figures: Any = cloudwatch_backends[ACCOUNT][TARGET].metric_data
    return float([figure.value for figure in figures if figure.name == "RunSilentSeconds"][-1])


def write_entry_at(world: TaskWorld, run: str, at: datetime) -> None:
    Journal(world.table, run, "request").write(JournalEntry(at, JournalEvent.STEP_WAITING, "waiting"))


def test_silence_is_zero_without_runs(world: TaskWorld, machine: str) -> None:
    assert round(watch_silence(world, machine)) == 0


def test_silence_counts_from_last_entry(world: TaskWorld, machine: str) -> None:
    world.engine.start_execution(machine, "one")
    world.advance(600)
    assert round(watch_silence(world, machine)) == 600
    write_entry_at(world, "website.failover.one", world.engine.clock.now())
    world.advance(60)
    assert round(watch_silence(world, machine)) == 60


def test_longest_silence_is_reported(world: TaskWorld, machine: str) -> None:
    world.engine.start_execution(machine, "one")
    world.advance(600)
    world.engine.start_execution(machine, "two")
    write_entry_at(world, "website.failover.two", world.engine.clock.now())
    assert round(watch_silence(world, machine)) == 600


def test_ended_run_is_not_counted(world: TaskWorld, machine: str) -> None:
    arn = world.engine.start_execution(machine, "one")
    world.advance(600)
    world.client("stepfunctions").stop_execution(executionArn=arn)
    world.advance(600)
    assert round(watch_silence(world, machine)) == 0
