"""How late metrics, alarms, events, and schedules arrive: the draws, and their effect on what is delivered when."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from statistics import median, quantiles
from typing import Any

import pytest
from botocore.exceptions import BotoCoreError

from leeward.twin.engine import Engine
from leeward.twin.events.alarms.metric_alarms import AlarmState
from leeward.twin.events.alarms.metric_store import MetricId, MetricStore
from leeward.twin.events.delays.trigger_delays import TriggerDelays
from leeward.twin.events.event_services import EventServices
from leeward.twin.realism.realism_settings import Realism, RealismPart
from leeward.twin.templates.cloud_assembly import CloudAssembly
from tests.support.nonempty import nonempty

ACCOUNT, REGION, NINE = "111122223333", "us-west-2", datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
CUSTOM = MetricId.from_dimensions(REGION, "Leeward", "Healthy", {})
OF_AWS = MetricId.from_dimensions(REGION, "AWS/Lambda", "Errors", {})
# A target outside AWS: the delivery has no other effect than its record.
TARGET = {"Id": "t", "Arn": f"arn:aws:events:{REGION}:{ACCOUNT}:api-destination/team"}
ALARM = {
    "AlarmName": "down", "Namespace": "Leeward", "MetricName": "Healthy", "Statistic": "Maximum", "Period": 60,
    "EvaluationPeriods": 3, "ComparisonOperator": "LessThanThreshold", "Threshold": 1,
    "TreatMissingData": "notBreaching",
}  # fmt: skip
ON, OFF = Realism(), Realism().without(RealismPart.TRIGGER_DELAY)


def deliveries(
    resources: dict[str, tuple[str, dict[str, Any]]],
    realism: Realism,
    seed: int = 7,
    prepare: Callable[[Engine], object] = lambda _: None,
    minutes: int = 15,
) -> list[float]:
    """When events were delivered in `minutes`, in seconds after nine."""
    template = {"Resources": {name: {"Type": kind, "Properties": given} for name, (kind, given) in resources.items()}}
    with Engine(NINE, seed, ACCOUNT, realism=realism) as engine:
        events = EventServices(engine, CloudAssembly([("stack", (ACCOUNT, REGION), template)]))
        prepare(engine)
        engine.clock.sleep(minutes * 60)
        return [(record.at - NINE).total_seconds() for record in events.delivery.records]


def report_unhealthy(engine: Engine) -> None:
    """Report the metric every minute: healthy twice, and then unhealthy from 9:02:20 on."""
    client = engine.client("cloudwatch", REGION)
    values = [1.0, 1.0]

    def put() -> None:
        data = [{"MetricName": "Healthy", "Value": values.pop() if values else 0.0}]
        with suppress(BotoCoreError):  # while the Region has an outage
            client.put_metric_data(Namespace="Leeward", MetricData=data)

    engine.clock.call_later(20, lambda: (put(), engine.clock.call_every(60, put)))


def alarm_delivery(realism: Realism, seed: int = 7, *, composite: bool = False) -> float:
    """When the alarm's event reached its target."""
    watched = "both" if composite else "down"
    pattern = {"detail": {"alarmName": [watched], "state": {"value": ["ALARM"]}}}
    resources: dict[str, tuple[str, dict[str, Any]]] = {
        "A": ("AWS::CloudWatch::Alarm", ALARM),
        "R": ("AWS::Events::Rule", {"Name": "start", "EventPattern": pattern, "Targets": [TARGET]}),
    }
    if composite:
        resources["C"] = ("AWS::CloudWatch::CompositeAlarm", {"AlarmName": "both", "AlarmRule": "ALARM(down)"})
    (at,) = deliveries(resources, realism, seed, report_unhealthy)
    return at


def test_inactive_delays_are_zero() -> None:
    delays = TriggerDelays(7, active=False)
    assert delays.metric_arrival(CUSTOM, NINE) == delays.metric_arrival(OF_AWS, NINE) == NINE
    assert delays.alarm_phase("a") == delays.alarm_phase("b") == 10
    drawn = [delays.alarm_change("a"), delays.delivery("t"), delays.scheduled_rule("r", has_rate=True)]
    assert [*drawn, delays.schedule("s")] == [0, 0, 0, 0]


def test_custom_metric_arrives_within_two_minutes() -> None:
    delays = TriggerDelays(7)
    late = [(delays.metric_arrival(CUSTOM, NINE) - NINE).total_seconds() for _ in range(200)]
    assert 5 <= min(late) < 20
    assert 100 < max(late) <= 120


def test_service_metric_of_one_minute_arrives_at_once_after_the_minute() -> None:
    delays = TriggerDelays(7)
    arrivals = {delays.metric_arrival(OF_AWS, NINE + timedelta(seconds=s)) for s in (0, 10, 59)}
    (arrival,) = arrivals
    assert 120 <= (arrival - NINE).total_seconds() <= 180
    assert delays.metric_arrival(OF_AWS, NINE + timedelta(seconds=60)) not in arrivals


def test_delivery_matches_measured_latency() -> None:
    delays = TriggerDelays(7)
    drawn = [delays.delivery("t") for _ in range(4000)]
    assert median(drawn) == pytest.approx(0.395, rel=0.05)
    assert quantiles(drawn, n=100)[98] == pytest.approx(0.794, rel=0.1)


def test_draw_of_one_key_does_not_change_another() -> None:
    alone, mixed = TriggerDelays(7), TriggerDelays(7)
    mixed.delivery("other")
    mixed.alarm_change("other")
    assert alone.delivery("t") == mixed.delivery("t")
    assert alone.alarm_change("a") == mixed.alarm_change("a")


def test_alarms_do_not_see_data_before_its_arrival() -> None:
    metrics = MetricStore(lambda _, at: at + timedelta(seconds=90))
    metrics.put_datapoint(CUSTOM, NINE, 1)
    assert metrics.statistic(CUSTOM, NINE, 60, "Sum", seen_at=NINE + timedelta(seconds=89)) is None
    assert metrics.statistic(CUSTOM, NINE, 60, "Sum", seen_at=NINE + timedelta(seconds=90)) == 1


def test_alarm_without_delays_fires_ten_seconds_after_the_minute() -> None:
    # The third unhealthy value is of 9:04:20, and the period ends at 9:05.
    assert alarm_delivery(OFF) == alarm_delivery(OFF, composite=True) == 310


@pytest.mark.parametrize("composite", [False, True])
def test_alarm_with_delays_fires_later_and_at_seeded_times(composite: bool) -> None:
    times = [alarm_delivery(ON, seed, composite=composite) for seed in (7, 8, 9, 10)]
    assert times[0] == alarm_delivery(ON, 7, composite=composite)
    assert len(set(times)) == len(times)
    # At least the end of the period and the changes of the alarms. At most the slowest data point, a minute until the
    # next evaluation, and the slowest changes.
    assert all(301 <= at <= 260 + 120 + 60 + 2 * 5 + 3 for at in times)
    assert max(times) > 310


def test_composite_alarm_is_evaluated_after_an_outage_that_began_between_the_changes() -> None:
    """The metric alarm changes, the Region becomes unavailable, and then the composite alarm would be evaluated."""
    template = {
        "A": {"Type": "AWS::CloudWatch::Alarm", "Properties": ALARM},
        "C": {
            "Type": "AWS::CloudWatch::CompositeAlarm",
            "Properties": {"AlarmName": "both", "AlarmRule": "ALARM(down)"},
        },
    }
    with Engine(NINE, 7, ACCOUNT, realism=ON) as engine:
        alarms = EventServices(
            engine, CloudAssembly([("stack", (ACCOUNT, REGION), {"Resources": template})])
        ).cloudwatch
        report_unhealthy(engine)
        while alarms.alarm_state(REGION, "down") is not AlarmState.ALARM:
            engine.clock.sleep(0.5)
        now = engine.clock.now()
        engine.interceptor.schedule_outage(REGION, now, now + timedelta(minutes=3))
        engine.clock.sleep(150)
        assert alarms.alarm_state(REGION, "both") is AlarmState.OK
        engine.clock.sleep(120)
        assert alarms.alarm_state(REGION, "both") is AlarmState.ALARM


def scheduled(expression: str, realism: Realism, minutes: int) -> list[float]:
    rule = {"Name": "r", "ScheduleExpression": expression, "Targets": [TARGET]}
    return deliveries({"R": ("AWS::Events::Rule", rule)}, realism, minutes=minutes)


def test_scheduled_rule_fires_within_its_minute() -> None:
    assert scheduled("cron(5 9 * * ? *)", OFF, 7) == [300]
    (at,) = scheduled("cron(5 9 * * ? *)", ON, 7)
    assert 300 < at < 362


def test_rate_rule_keeps_its_rate_with_some_variation() -> None:
    exact, varied = (scheduled("rate(1 minute)", realism, 20) for realism in (OFF, ON))
    assert [round(b - a) for a, b in pairwise(exact)] == [60] * (len(exact) - 1)
    gaps = [b - a for a, b in pairwise(varied)]
    assert len(varied) in (len(exact), len(exact) - 1)
    assert all(45 < gap < 75 for gap in nonempty(gaps))
    assert len({round(gap, 3) for gap in gaps}) > 5


def test_schedule_fires_within_a_minute() -> None:
    schedule = {"Name": "s", "ScheduleExpression": "cron(5 9 * * ? *)", "Target": {"Arn": TARGET["Arn"]}}
    exact, late = (deliveries({"S": ("AWS::Scheduler::Schedule", schedule)}, realism) for realism in (OFF, ON))
    assert exact == [300]
    (at,) = late
    assert 300 < at < 362
