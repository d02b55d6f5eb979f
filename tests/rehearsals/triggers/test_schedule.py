"""Drills by the clock, through what is synthesised; what is missed or fails raises an alarm."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest

from leeward.common.naming import resource_names
from leeward.rehearsal.session.rehearsal_session import DEFAULT_START
from leeward.rehearsal.worlds.leeward_deployment import LeewardDeployment
from leeward.twin.engine import Engine
from leeward.twin.events.alarms.metric_alarms import AlarmState
from leeward.twin.events.event_services import EventServices
from leeward.twin.events.eventbridge.eventbridge_scheduler import SCHEDULE_TYPE, next_due_time
from leeward.twin.templates.cloud_assembly import CloudAssembly, TemplateResource
from tests.rehearsals.triggers.deployed_application import ACCOUNT, WEST, deployed_application
from tests.rehearsals.triggers.permission_usage import fire_schedule

OVERDUE, FAILED = "leeward-website-drill-overdue", "leeward-website-drill-failed"
DRILL = f"arn:aws:states:{WEST}:{ACCOUNT}:stateMachine:website-drill"
_EIGHT_DAYS, _EIGHT_HOURS = (f'\\"at_least_every_seconds\\": {n}' for n in (8 * 86400, 8 * 3600))
DONE, BROKEN = {"Type": "Succeed"}, {"Type": "Fail"}


@pytest.fixture
def schedule(assembly: CloudAssembly) -> TemplateResource:
    (found,) = assembly.resources(SCHEDULE_TYPE)
    return found


def test_scheduled_drill_starts_in_window_without_alarm(assembly: CloudAssembly, schedule: TemplateResource) -> None:
    due = next_due_time(schedule, DEFAULT_START)
    assert due == datetime(2026, 3, 3, 9, tzinfo=UTC)  # ten o'clock in Berlin, in winter
    began = due - timedelta(minutes=5)
    with deployed_application(assembly, main="drill", failed_region=None, beginning=began) as world:
        world.pass_minutes(5)
        assert world.started_runs() == []
        world.pass_minutes(15)
        (run,) = world.stage.runs
        assert run.id == "website.drill.schedule-20260303T090000.000Z"
        assert due <= run.started_at <= due + timedelta(minutes=15)
        assert world.stage.wait_for_end(run).status == "SUCCEEDED"
        world.pass_minutes(3)
        # Readiness has an alarm of its own, which starts nothing.
        named = [
            name for name in world.events.cloudwatch.alarm_names(WEST) if name.startswith("leeward-website-failover")
        ]
        assert list(map(str, world.stage.guard.denied_calls)) == []
        watched = [name for name in named if not name.endswith("-not-ready")]
        assert [world.alarm_count(name) for name in watched] == [0] * len(watched)
        assert (len(watched), world.alarm_count(FAILED), len(world.started_runs())) == (len(named) - 1, 0, 1)


def test_schedule_follows_daylight_saving_time(schedule: TemplateResource) -> None:
    assert next_due_time(schedule, datetime(2026, 6, 1, tzinfo=UTC)) == datetime(2026, 6, 2, 8, tzinfo=UTC)


def test_no_drill_starts_on_blackout_day(assembly: CloudAssembly, schedule: TemplateResource) -> None:
    due = next_due_time(schedule, datetime(2026, 12, 19, tzinfo=UTC))
    began = due - timedelta(minutes=1)
    with deployed_application(assembly, main="drill", failed_region=None, beginning=began) as world:
        world.pass_minutes(17)
        assert (world.started_runs(), world.start_verdicts()) == ([], ["blackout"])


def test_schedule_cannot_start_failover(assembly: CloudAssembly, schedule: TemplateResource) -> None:
    """By construction: the role of what a schedule invokes may start drills alone."""
    forged = str(schedule.properties["Target"]["Input"]).replace("website-drill", "website-failover")
    target = {**schedule.properties["Target"], "Input": forged.replace('"runbook": "drill"', '"runbook": "failover"')}
    assert "website-failover" in forged
    with deployed_application(assembly, failed_region=None) as world:
        fire_schedule(world, schedule.name, target)
        world.pass_minutes(5)
        assert world.started_runs() == []
        guard = world.stage.guard
        assert guard is not None
        output = {(denied.function, denied.action) for denied in guard.denied_calls}
        assert output == {("leeward-website-start-drill", "states:StartExecution")}
        assert world.dead_letter_count() == 1  # and somebody is told


# Missed, and failed: only the watch and its alarms, without users and probes, for days


@contextmanager
def drill_watch(assembly: CloudAssembly, drill: dict[str, str]) -> Iterator[tuple[Engine, EventServices]]:
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
    quiet = CloudAssembly(stacks)
    with Engine(DEFAULT_START, 7, ACCOUNT) as engine:
        LeewardDeployment(quiet).install(engine)
        machine = resource_names.state_machine_name("website", "drill")
        engine.create_state_machine(WEST, machine, json.dumps({"StartAt": "End", "States": {"End": drill}}))
        yield engine, EventServices(engine, quiet)


def test_missed_drill_raises_alarm(assembly: CloudAssembly) -> None:
    with drill_watch(assembly, DONE) as (engine, events):
        events.scheduler.disabled_schedules.add(
            "website-drill"
        )  # someone has switched it off: nothing fails, nothing tells
        engine.wait_for_execution(engine.start_execution(DRILL, "last"))
        engine.clock.sleep(timedelta(hours=7, minutes=50).total_seconds())
        assert events.cloudwatch.alarm_state(WEST, OVERDUE) is AlarmState.OK
        engine.clock.sleep(timedelta(hours=4).total_seconds())
        assert events.cloudwatch.alarm_state(WEST, OVERDUE) is AlarmState.ALARM


def test_silent_drill_watch_raises_alarm(assembly: CloudAssembly) -> None:
    with drill_watch(assembly, DONE) as (engine, events):
        engine.wait_for_execution(engine.start_execution(DRILL, "last"))
        engine.clock.sleep(timedelta(hours=3).total_seconds())
        assert events.cloudwatch.alarm_state(WEST, OVERDUE) is AlarmState.OK
        events.delivery.unreachable_targets.add(f"arn:aws:lambda:{WEST}:{ACCOUNT}:function:leeward-website-drill-watch")
        engine.clock.sleep(timedelta(hours=6).total_seconds())
        assert events.cloudwatch.alarm_state(WEST, OVERDUE) is AlarmState.ALARM


def test_failed_drill_raises_alarm(assembly: CloudAssembly) -> None:
    with drill_watch(assembly, BROKEN) as (engine, events):
        engine.clock.sleep(600)
        assert events.cloudwatch.alarm_state(WEST, FAILED) is AlarmState.OK
        engine.wait_for_execution(engine.start_execution(DRILL, "one"))
        engine.clock.sleep(600)
        changes = [change.after for change in events.cloudwatch.changes if change.alarm == FAILED]
        assert AlarmState.ALARM in changes
