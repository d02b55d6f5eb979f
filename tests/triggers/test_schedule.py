"""Drills by the clock, through what is synthesised; what is missed or fails raises an alarm."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest

from leeward.common import names
from leeward.twin.engine import Engine
from leeward.twin.events.alarms import State
from leeward.twin.events.scheduler import SCHEDULE, next_due
from leeward.twin.events.wiring import Events
from leeward.twin.stage import BEGINNING
from leeward.twin.templates.assembly import Assembly, Resource
from leeward.twin.templates.deployment import Deployment
from tests.triggers.deployed import ACCOUNT, WEST, deployed
from tests.triggers.proof import fire

OVERDUE, FAILED = "leeward-website-drill-overdue", "leeward-website-drill-failed"
DRILL = f"arn:aws:states:{WEST}:{ACCOUNT}:stateMachine:website-drill"
_EIGHT_DAYS, _EIGHT_HOURS = (f'\\"at_least_every_seconds\\": {n}' for n in (8 * 86400, 8 * 3600))
DONE, BROKEN = {"Type": "Succeed"}, {"Type": "Fail"}


@pytest.fixture
def schedule(assembly: Assembly) -> Resource:
    (found,) = assembly.resources(SCHEDULE)
    return found


def test_a_drill_starts_in_its_window_and_its_own_doings_raise_no_alarm(assembly: Assembly, schedule: Resource) -> None:
    due = next_due(schedule, BEGINNING)
    assert due == datetime(2026, 3, 3, 9, tzinfo=UTC)  # ten o'clock in Berlin, in winter
    with deployed(assembly, main="drill", dark=None, beginning=due - timedelta(minutes=5)) as world:
        world.minutes(5)
        assert world.started() == []
        world.minutes(15)
        (run,) = world.stage.runs
        assert run.id == "website.drill.schedule-20260303T090000.000Z"
        assert due <= run.started_at <= due + timedelta(minutes=15)
        assert world.stage.finish(run).status == "SUCCEEDED"
        world.minutes(3)
        # Readiness has an alarm of its own, which starts nothing.
        named = [name for name in world.events.cloudwatch.alarms(WEST) if name.startswith("leeward-website-failover")]
        watched = [name for name in named if not name.endswith("-not-ready")]
        assert [world.alarmed(name) for name in watched] == [0] * len(watched)
        assert (len(watched), world.alarmed(FAILED), len(world.started())) == (len(named) - 1, 0, 1)


def test_in_summer_ten_o_clock_is_another_hour(schedule: Resource) -> None:
    assert next_due(schedule, datetime(2026, 6, 1, tzinfo=UTC)) == datetime(2026, 6, 2, 8, tzinfo=UTC)


def test_on_a_day_of_the_blackout_no_drill_starts(assembly: Assembly, schedule: Resource) -> None:
    due = next_due(schedule, datetime(2026, 12, 19, tzinfo=UTC))
    with deployed(assembly, main="drill", dark=None, beginning=due - timedelta(minutes=1)) as world:
        world.minutes(17)
        assert (world.started(), world.verdicts()) == ([], ["blackout"])


def test_a_schedule_that_someone_points_at_a_failover_starts_nothing(assembly: Assembly, schedule: Resource) -> None:
    """By construction: the role of what a schedule invokes may start drills alone."""
    forged = str(schedule.properties["Target"]["Input"]).replace("website-drill", "website-failover")
    target = {**schedule.properties["Target"], "Input": forged.replace('"runbook": "drill"', '"runbook": "failover"')}
    assert "website-failover" in forged
    with deployed(assembly, dark=None) as world:
        fire(world, schedule.name, target)
        world.minutes(5)
        assert world.started() == []
        guard = world.stage.guard
        assert guard is not None
        told = {(denied.function, denied.action) for denied in guard.denied}
        assert told == {("leeward-website-start-drill", "states:StartExecution")}
        assert world.letters() == 1  # and somebody is told


# Missed, and failed: only the watch and its alarms, without users and probes, for days


@contextmanager
def watched(assembly: Assembly, drill: dict[str, str]) -> Iterator[tuple[Engine, Events]]:
    """The drill's state machine does nothing but end so."""
    stacks = []
    assert any(_EIGHT_DAYS in json.dumps(stack.template) for stack in assembly.stacks)
    for stack in assembly.stacks:
        # A week of waiting would show no more than a few hours do.
        template = json.loads(json.dumps(stack.template).replace(_EIGHT_DAYS, _EIGHT_HOURS))
        for logical, resource in list(template["Resources"].items()):
            other = resource["Type"] == "AWS::CloudWatch::Alarm" and "website-drill" not in str(resource["Properties"])
            often = resource["Type"] == "AWS::Events::Rule" and "minute" in str(resource["Properties"])
            if other or often or resource["Type"] == "AWS::CloudWatch::CompositeAlarm":
                del template["Resources"][logical]
        stacks.append((stack.name, (stack.account, stack.region), template))
    quiet = Assembly(stacks)
    with Engine(BEGINNING, 7, ACCOUNT) as engine:
        Deployment(quiet).install(engine)
        machine = names.state_machine("website", "drill")
        engine.create_state_machine(WEST, machine, json.dumps({"StartAt": "End", "States": {"End": drill}}))
        yield engine, Events(engine, quiet)


def test_a_drill_that_is_missed_raises_an_alarm(assembly: Assembly) -> None:
    with watched(assembly, DONE) as (engine, events):
        events.scheduler.disabled.add("website-drill")  # someone has switched it off: nothing fails, nothing tells
        engine.wait(engine.start(DRILL, "last"))
        engine.clock.sleep(timedelta(hours=7, minutes=50).total_seconds())
        assert events.cloudwatch.state(WEST, OVERDUE) is State.OK
        engine.clock.sleep(timedelta(hours=4).total_seconds())
        assert events.cloudwatch.state(WEST, OVERDUE) is State.ALARM


def test_a_watch_that_does_not_report_raises_an_alarm(assembly: Assembly) -> None:
    with watched(assembly, DONE) as (engine, events):
        engine.wait(engine.start(DRILL, "last"))
        engine.clock.sleep(timedelta(hours=3).total_seconds())
        assert events.cloudwatch.state(WEST, OVERDUE) is State.OK
        events.delivery.unreachable.add(f"arn:aws:lambda:{WEST}:{ACCOUNT}:function:leeward-website-drill-watch")
        engine.clock.sleep(timedelta(hours=6).total_seconds())
        assert events.cloudwatch.state(WEST, OVERDUE) is State.ALARM


def test_a_drill_that_fails_raises_an_alarm(assembly: Assembly) -> None:
    with watched(assembly, BROKEN) as (engine, events):
        engine.clock.sleep(600)
        assert events.cloudwatch.state(WEST, FAILED) is State.OK
        engine.wait(engine.start(DRILL, "one"))
        engine.clock.sleep(600)
        changes = [change.after for change in events.cloudwatch.changes if change.alarm == FAILED]
        assert State.ALARM in changes
