"""A run that is stuck, or waits for a person who does not know it, is seen."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from moto.cloudwatch.models import cloudwatch_backends

from leeward.control.journal.run_journal import Journal, JournalEntry, JournalEvent
from leeward.twin.engine import FaultKind
from tests.lambdas.test_run_begin_and_end import begin
from tests.support.task_world import ACCOUNT, TARGET, TaskFailed, TaskWorld

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


def test_poll_that_journals_nothing_breaks_the_silence(world: TaskWorld) -> None:
    states: dict[str, Any] = {
        "Wait": {"Type": "Wait", "Seconds": 300, "Next": "Again"},
        "Again": {"Type": "Wait", "Seconds": 86400, "End": True},
    }
    machine = world.engine.create_state_machine(TARGET, "website-failback", {"StartAt": "Wait", "States": states})
    world.engine.start_execution(machine, "one")
    world.advance(360)
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


@pytest.fixture
def unnotified(world: TaskWorld, machine: str) -> str:
    """A run whose question was not sent: both tries failed."""
    world.engine.start_execution(machine, "run-1")
    begin(world)
    world.engine.interceptor.inject_fault("sns:Publish", FaultKind.THROTTLED, times=2)
    failure = {"step": "step", "error": "LaunchFailed", "cause": "no capacity"}
    world.call("ask", world.event(failure=failure, default="abort") | {"token": "t" * 40})
    assert world.messages == []
    return machine


def test_watch_sends_unsent_question_of_waiting_run_once(world: TaskWorld, unnotified: str) -> None:
    world.advance(300)
    for _ in range(2):
        watch_silence(world, unnotified)
    assert [subject for subject, _ in world.messages] == ["website failover: Step failed, your decision is required"]
    assert world.event_names()[-2:] == ["message.unsent", "message.sent"]


def test_watch_sends_unsent_question_although_metric_fails(world: TaskWorld, unnotified: str) -> None:
    world.engine.interceptor.inject_fault("cloudwatch:PutMetricData", FaultKind.SERVER_ERROR, times=3)
    with pytest.raises(TaskFailed, match="ServiceUnavailable"):
        watch_silence(world, unnotified)
    assert len(world.messages) == 1


def test_watch_measures_silence_although_message_fails_again(world: TaskWorld, unnotified: str) -> None:
    world.engine.interceptor.inject_fault("sns:Publish", FaultKind.CONNECTION_TIMED_OUT, times=None)
    world.advance(300)
    assert watch_silence(world, unnotified) >= 300
    assert world.event_names()[-1] == "message.unsent"
