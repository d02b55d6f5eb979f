"""A run that is stuck, or waits for a person who does not know it, is seen."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from moto.cloudwatch.models import cloudwatch_backends

from leeward.control.journal.run_journal import Journal, JournalEntry, JournalEvent
from tests.lambdas.world import ACCOUNT, TARGET, World

WAITS = {"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 86400, "End": True}}}


@pytest.fixture
def machine(world: World) -> str:
    return world.engine.create_state_machine(TARGET, "website-failover", WAITS)


def silent(world: World, machine: str) -> float:
    world.call("run_watch", {"application": "website", "machines": {"failover": machine}})
    figures: Any = cloudwatch_backends[ACCOUNT][TARGET].metric_data
    return float([figure.value for figure in figures if figure.name == "RunSilentSeconds"][-1])


def wrote(world: World, run: str, at: datetime) -> None:
    Journal(world.table, run, "request").write(JournalEntry(at, JournalEvent.STEP_WAITING, "waiting"))


def test_no_run_is_silent_where_none_runs(world: World, machine: str) -> None:
    assert round(silent(world, machine)) == 0


def test_a_run_is_silent_since_it_last_wrote(world: World, machine: str) -> None:
    world.engine.start_execution(machine, "one")
    world.later(600)
    assert round(silent(world, machine)) == 600
    wrote(world, "website.failover.one", world.engine.clock.now())
    world.later(60)
    assert round(silent(world, machine)) == 60


def test_the_run_that_is_silent_longest_counts(world: World, machine: str) -> None:
    world.engine.start_execution(machine, "one")
    world.later(600)
    world.engine.start_execution(machine, "two")
    wrote(world, "website.failover.two", world.engine.clock.now())
    assert round(silent(world, machine)) == 600


def test_a_run_that_has_ended_is_not_silent(world: World, machine: str) -> None:
    arn = world.engine.start_execution(machine, "one")
    world.later(600)
    world.client("stepfunctions").stop_execution(executionArn=arn)
    world.later(600)
    assert round(silent(world, machine)) == 0
