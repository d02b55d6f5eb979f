"""Starting runs from alarm events and schedules, and watching both."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from leeward.twin.engine import FaultKind, HttpResponse
from tests.support.task_world import ACCOUNT, CONTROLS, ENDPOINTS, ORIGIN, TARGET, TaskFailed, TaskWorld, server_group

NO_OP_MACHINE = {"StartAt": "End", "States": {"End": {"Type": "Wait", "Seconds": 600, "Next": "Done"}, "Done": {"Type": "Succeed"}}}  # fmt: skip  # noqa: E501
FAILING_MACHINE = {"StartAt": "End", "States": {"End": {"Type": "Fail"}}}
RULES = {
    "automatic": False, "unhealthy_for_seconds": 300, "cool_down_seconds": 3600, "max_runs_per_day": 2, "blackouts": [],
}  # fmt: skip
YEARS_END = {"from": "2026-02-27T23:00:00Z", "to": "2026-03-09T23:00:00Z", "reason": "the fair"}


class Runbooks:
    """The application's state machines, and the events that start them."""

    def __init__(self, world: TaskWorld) -> None:
        self.world = world
        self.failover = world.engine.create_state_machine(TARGET, "website-failover", NO_OP_MACHINE)
        self.drill = world.engine.create_state_machine(TARGET, "website-drill", NO_OP_MACHINE)
        self.broken = world.engine.create_state_machine(TARGET, "website-broken", FAILING_MACHINE)

    def alarm(self, at: datetime | None = None, runbook: str = "failover", **rules: Any) -> dict[str, Any]:
        """Of the composite alarm, as the rule's input transformer makes it."""
        at = at or self.world.engine.clock.now()
        event = {"id": f"e-{at:%H%M%S%f}", "alarm": "leeward-website-failover", "state": "ALARM", "at": at.isoformat()}
        common = {"application": "website", "runbook": runbook, "origin": ORIGIN, "target": TARGET}
        machine = {"machine": self.failover, "event": event, "rules": RULES | rules}
        return common | machine | {"endpoints": ENDPOINTS, "controls": CONTROLS}

    def schedule(self, at: str, blackouts: Any = ()) -> dict[str, Any]:
        common = {"application": "website", "runbook": "drill", "origin": ORIGIN, "target": TARGET}
        return common | {"machine": self.drill, "event": {"id": at, "at": at}, "rules": {"blackouts": list(blackouts)}}

    def started_names(self, machine: str | None = None) -> list[str]:
        """The executions' names, oldest first."""
        client = self.world.client("stepfunctions")
        found = client.list_executions(stateMachineArn=machine or self.failover)["executions"]
        return [execution["name"] for execution in reversed(found)]

    def verdicts(self) -> list[str]:
        return [str(item["verdict"]) for item in self.world.table.query("TRIGGER#website", "EVENT#")]


@pytest.fixture
def runbooks(world: TaskWorld) -> Runbooks:
    return Runbooks(world)


def start(world: TaskWorld, event: dict[str, Any]) -> str:
    return str(world.call("start", event)["verdict"])


def test_alarm_starts_run_with_incident_time(runbooks: Runbooks, world: TaskWorld) -> None:
    event = runbooks.alarm()
    assert world.call("start", event)["run"] == runbooks.started_names()[0] == "alarm-20260301T090000.000Z"
    arn = world.client("stepfunctions").list_executions(stateMachineArn=runbooks.failover)["executions"][0]["executionArn"]  # fmt: skip  # noqa: E501
    given = json.loads(world.client("stepfunctions").describe_execution(executionArn=arn)["input"])
    assert given == {
        "approve": False,
        # unhealthy for five whole minutes: it began in the first of them
        "incident_at": "2026-03-01T08:56:00+00:00",
        "reason": "alarm leeward-website-failover: unhealthy for 5m",
    }


def test_repeated_event_starts_one_run(runbooks: Runbooks, world: TaskWorld) -> None:
    event = runbooks.alarm()
    assert [start(world, event), start(world, event)] == ["start", "already started"]
    assert len(runbooks.started_names()) == 1


def test_flapping_alarm_starts_one_run(runbooks: Runbooks, world: TaskWorld) -> None:
    for _ in range(10):
        start(world, runbooks.alarm())
        world.advance(6)
    assert len(runbooks.started_names()) == 1
    assert runbooks.verdicts() == ["start", *["cool-down"] * 9]


def test_second_run_starts_after_cool_down_until_daily_limit(runbooks: Runbooks, world: TaskWorld) -> None:
    for _ in range(4):
        start(world, runbooks.alarm())
        world.advance(3601)
    assert runbooks.verdicts() == ["start", "start", "day's limit", "day's limit"]
    assert len(runbooks.started_names()) == 2
    subjects = [subject for subject, _ in world.messages]
    assert subjects == ["website failover: alarm, and nothing was started"] * 2
    world.advance(24 * 3600)
    assert start(world, runbooks.alarm()) == "start"


def test_notification_is_sent_once_per_cool_down(runbooks: Runbooks, world: TaskWorld) -> None:
    for _ in range(5):
        start(world, runbooks.alarm(max_runs_per_day=1, cool_down_seconds=1))
        world.advance(60)
    assert len(world.messages) == 4  # each is a second after the last one's cool-down
    for _ in range(5):
        start(world, runbooks.alarm(max_runs_per_day=1, cool_down_seconds=1000))
        world.advance(1)
    assert len(world.messages) == 4


def test_automatic_alarm_approves_except_on_blackout_day(runbooks: Runbooks, world: TaskWorld) -> None:
    start(world, runbooks.alarm(automatic=True, cool_down_seconds=1))
    world.advance(60)
    start(world, runbooks.alarm(automatic=True, cool_down_seconds=1, blackouts=[YEARS_END]))
    client = world.client("stepfunctions")
    executions = client.list_executions(stateMachineArn=runbooks.failover)["executions"]
    given = [json.loads(client.describe_execution(executionArn=e["executionArn"])["input"]) for e in executions]
    assert sorted(each["approve"] for each in given) == [False, True]
    assert any("because automatic runs are blacked out (the fair)" in each["reason"] for each in given)


def test_alarm_starts_nothing_while_lock_is_held(runbooks: Runbooks, world: TaskWorld) -> None:
    world.step("lock_acquire", "lock", "take_the_lock", application="website")
    assert start(world, runbooks.alarm()) == "lock held"
    assert runbooks.started_names() == []
    assert "run website.failover.run-1 has held the application's lock" in world.messages[0][1]


def test_alarm_starts_nothing_when_users_are_in_other_region(runbooks: Runbooks, world: TaskWorld) -> None:
    world.client("route53-recovery-cluster")  # the twin's plug-in
    on, off = CONTROLS[TARGET], CONTROLS[ORIGIN]
    world.step("arc_route", "arc.route", endpoints=ENDPOINTS, turn_on=[on], turn_off=[off])
    world.advance(3600)
    assert start(world, runbooks.alarm()) == "users are elsewhere"
    assert runbooks.started_names() == []


def test_alarm_starts_nothing_when_routing_is_unknown(runbooks: Runbooks, world: TaskWorld) -> None:
    world.engine.interceptor.inject_fault(
        "route53-recovery-cluster:GetRoutingControlState", FaultKind.CONNECTION_REFUSED, times=50
    )
    with pytest.raises(TaskFailed, match="RouteUnconfirmed"):
        start(world, runbooks.alarm())
    assert runbooks.started_names() == []


def test_stale_alarm_event_starts_nothing(runbooks: Runbooks, world: TaskWorld) -> None:
    event = runbooks.alarm()
    world.advance(16 * 60)
    assert start(world, event) == "stale"
    assert (runbooks.started_names(), len(world.messages)) == ([], 1)


@pytest.mark.parametrize("call", ["stepfunctions:StartExecution", "dynamodb:PutItem"])
@pytest.mark.parametrize("nth", [1, 2, 3])
@pytest.mark.parametrize("fault", [FaultKind.ANSWER_LOST, FaultKind.SERVER_ERROR])
def test_start_is_exactly_once_after_any_crash(
    runbooks: Runbooks, world: TaskWorld, call: str, nth: int, fault: FaultKind
) -> None:
    event = runbooks.alarm()
    world.engine.interceptor.inject_fault(call, fault, nth=nth, times=3)  # all the client's tries: the invocation fails
    try:
        start(world, event)
    except TaskFailed:
        world.advance(60)
        start(world, event)  # Lambda's own retry of an event
    assert len(runbooks.started_names()) == 1
    assert runbooks.verdicts()[-1:] in (["start"], ["already started"])


def test_unfinished_claim_is_completed_by_next_event(runbooks: Runbooks, world: TaskWorld) -> None:
    world.engine.interceptor.inject_fault("stepfunctions:StartExecution", FaultKind.ACCESS_DENIED, times=1)
    with pytest.raises(TaskFailed, match="AccessDenied"):
        start(world, runbooks.alarm())
    world.advance(120)
    assert start(world, runbooks.alarm()) == "start"
    assert runbooks.started_names() == ["alarm-20260301T090000.000Z"]


def test_start_rejects_event_of_other_region(runbooks: Runbooks, world: TaskWorld) -> None:
    with pytest.raises(TaskFailed, match="its alarm was handled in us-west-2"):
        start(world, runbooks.alarm() | {"target": "us-east-1"})


# Schedules


def test_scheduled_drill_starts_once(runbooks: Runbooks, world: TaskWorld) -> None:
    event = runbooks.schedule("2026-03-03T09:00:00Z")
    assert [world.call("start_drill", event)["run"] for _ in "ab"] == ["schedule-20260303T090000.000Z"] * 2
    assert runbooks.started_names(runbooks.drill) == ["schedule-20260303T090000.000Z"]


def test_scheduled_drill_is_skipped_on_blackout_day(runbooks: Runbooks, world: TaskWorld) -> None:
    assert world.call("start_drill", runbooks.schedule("2026-03-03T09:00:00Z", [YEARS_END]))["verdict"] == "blackout"
    assert runbooks.started_names(runbooks.drill) == []
    assert world.call("start_drill", runbooks.schedule("2026-03-10T09:00:00Z", [YEARS_END]))["verdict"] == "start"


def test_scheduled_drill_is_skipped_while_lock_is_held(runbooks: Runbooks, world: TaskWorld) -> None:
    world.step("lock_acquire", "lock", "take_the_lock", application="website")
    assert world.call("start_drill", runbooks.schedule("2026-03-03T09:00:00Z"))["verdict"] == "lock held"
    assert runbooks.started_names(runbooks.drill) == []
    assert [subject for subject, _ in world.messages] == ["website drill: the drill was not started"]


def test_decision_against_drill_is_recorded_although_message_fails(runbooks: Runbooks, world: TaskWorld) -> None:
    world.step("lock_acquire", "lock", "take_the_lock", application="website")
    world.engine.interceptor.inject_fault("sns:Publish", FaultKind.SERVER_ERROR, times=2)
    with pytest.raises(TaskFailed, match="ServiceUnavailable"):
        world.call("start_drill", runbooks.schedule("2026-03-03T09:00:00Z"))
    assert runbooks.verdicts() == ["lock held"]
    assert world.call("start_drill", runbooks.schedule("2026-03-03T09:00:00Z"))["verdict"] == "lock held"
    assert [subject for subject, _ in world.messages] == ["website drill: the drill was not started"]


# What watches


def metric_values(world: TaskWorld, metric: str) -> list[tuple[str, float]]:
    """Signal (or runbook) and value of every figure, in order."""
    from moto.cloudwatch.models import cloudwatch_backends

    data = cloudwatch_backends[ACCOUNT][TARGET].metric_data
    return [({d.name: d.value for d in each.dimensions}.get("Signal", ""), each.value) for each in data if each.name == metric]  # fmt: skip  # noqa: E501


def probe(world: TaskWorld, *signals: dict[str, Any]) -> str:
    event = {"application": "website", "runbook": "failover", "metrics_region": TARGET, "signals": list(signals)}
    return str(world.call("probe", event)["detail"])


PAGES = {
    "name": "pages", "kind": "http", "seconds": 5,
    "checks": [{"url": "http://www.example.com/", "connect_to": "lb.example.com", "contains": "Home", "status": 200}],
}  # fmt: skip
DATA = {"name": "data", "kind": "replication", "groups": [server_group("db")], "lag_seconds": 600}


def test_probe_puts_health_metrics(world: TaskWorld) -> None:
    server = world.servers("db")[0]
    world.advance(3600)
    world.engine.interceptor.http.handler = lambda *_: HttpResponse(200, {}, b"Home")
    assert probe(world, PAGES, DATA) == "pages: healthy, data: healthy"
    world.engine.interceptor.http.handler = lambda *_: HttpResponse(503)
    world.drs.set_lag(server, 1200)
    assert probe(world, PAGES, DATA) == "pages: unhealthy, data: unhealthy"
    assert metric_values(world, "Healthy") == [("pages", 1), ("data", 1), ("pages", 0), ("data", 0)]


def test_failing_probe_puts_no_metric_but_others_are_put(world: TaskWorld) -> None:
    world.servers("db")
    world.advance(3600)
    world.engine.interceptor.http.handler = lambda *_: HttpResponse(200, {}, b"Home")
    world.engine.interceptor.inject_fault("drs:DescribeSourceServers", FaultKind.ACCESS_DENIED)
    with pytest.raises(TaskFailed, match="AccessDenied"):
        probe(world, DATA, PAGES)
    assert metric_values(world, "Healthy") == [("pages", 1)]


def watch(runbooks: Runbooks, machine: str, **more: Any) -> str:
    event = {"application": "website", "runbook": "drill", "machine": machine, "at_least_every_seconds": 8 * 86400}
    return str(runbooks.world.call("drill_watch", event | more)["detail"])


def test_drill_is_overdue_before_first_and_after_old_success(runbooks: Runbooks, world: TaskWorld) -> None:
    assert watch(runbooks, runbooks.drill) == "last success: never; overdue"
    engine = world.engine
    engine.wait_for_execution(engine.start_execution(runbooks.drill, "one"))
    assert watch(runbooks, runbooks.drill).endswith("in time")
    engine.clock.sleep(timedelta(days=8).total_seconds())
    assert watch(runbooks, runbooks.drill).endswith("overdue")
    dark = {"from": "2026-03-01T00:00:00Z", "to": "2026-03-03T00:00:00Z", "reason": "the fair"}
    assert watch(runbooks, runbooks.drill, blackouts=[dark]).endswith("in time")


def test_failed_drill_does_not_count(runbooks: Runbooks, world: TaskWorld) -> None:
    engine = world.engine
    assert engine.wait_for_execution(engine.start_execution(runbooks.broken, "one")).status == "FAILED"
    assert watch(runbooks, runbooks.broken) == "last success: never; overdue"
    assert metric_values(world, "DrillOverdue") == [("", 1)]
    assert datetime(2026, 1, 1, tzinfo=UTC) < engine.clock.now()
