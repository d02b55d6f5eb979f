"""Builds EventBridge events in AWS's format.

Sources: CloudWatch user guide, "Alarm events and EventBridge" (the samples of metric and composite alarms); DRS user
guide, "Monitoring DRS events"; EventBridge's "AWS service event metadata"; "Scheduled Event" of a rule with a rate.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeAlias

from leeward.twin.aws.drs import DrsEvent
from leeward.twin.events.alarms.metric_alarms import AlarmState, MetricAlarm
from leeward.twin.events.alarms.metric_sums import MetricTerm

EventBridgeEvent: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True)
class AlarmStatus:
    """An alarm's state at one time, as an event reports it. `data` is the content of `reasonData`."""

    state: AlarmState
    reason: str
    data: Mapping[str, object]
    at: datetime

    def to_event_detail(self) -> dict[str, str]:
        return {
            "value": self.state.value,
            "reason": self.reason,
            "reasonData": json.dumps(self.data),
            "timestamp": format_alarm_time(self.at),
        }


def format_alarm_time(at: datetime) -> str:
    """Return a time in CloudWatch's format, without a colon in the zone, such as `2026-03-01T09:05:10.000+0000`."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03}+0000"


def format_event_time(at: datetime) -> str:
    """Return a time in whole seconds, such as `2026-03-01T09:05:10Z`."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


@dataclass(frozen=True, slots=True)
class EventSource:
    """The ID, account, and Region of an event."""

    event_id: str
    account: str
    region: str


def metric_alarm_event(
    sender: EventSource, alarm: MetricAlarm, previous: AlarmStatus, current: AlarmStatus
) -> EventBridgeEvent:
    """Return the event of a metric alarm that has changed its state."""
    metrics = [
        {"id": f"m{number}", "metricStat": _metric_stat(term, alarm.period), "returnData": len(alarm.terms) == 1}
        for number, term in enumerate(alarm.terms)
    ]
    configuration: dict[str, Any] = {"metrics": metrics}
    if alarm.description:
        configuration["description"] = alarm.description
    state_fields = {
        "state": current.to_event_detail(),
        "previousState": previous.to_event_detail(),
        "configuration": configuration,
    }
    return _make_alarm_event(sender, alarm.arn, current.at, {"alarmName": alarm.name, **state_fields})


def _metric_stat(term: MetricTerm, period: int) -> dict[str, Any]:
    dimensions = dict(sorted(term.metric.dimensions))
    metric = {"namespace": term.metric.namespace, "name": term.metric.name, "dimensions": dimensions}
    return {"metric": metric, "period": period, "stat": term.statistic}


def composite_alarm_event(
    sender: EventSource, alarm: tuple[str, str, str], previous: AlarmStatus, current: AlarmStatus
) -> EventBridgeEvent:
    """Return the event of a composite alarm that has changed its state. `alarm` is its name, ARN, and rule."""
    name, arn, rule = alarm
    state_fields = {
        "state": current.to_event_detail(),
        "previousState": previous.to_event_detail(),
        "configuration": {"alarmRule": rule},
    }
    return _make_alarm_event(sender, arn, current.at, {"alarmName": name, **state_fields})


def drs_event(event_id: str, account: str, event: DrsEvent) -> EventBridgeEvent:
    """Return the EventBridge event of a DRS event."""
    sender = EventSource(event_id, account, event.region)
    return _make_event(sender, ("aws.drs", event.detail_type), event.at, event.resource, dict(event.detail))


def scheduled_event(sender: EventSource, rule: str, at: datetime) -> EventBridgeEvent:
    """Return the event of a scheduled rule that is due."""
    return _make_event(sender, ("aws.events", "Scheduled Event"), at, rule, {})


def stack_event(sender: EventSource, stack: str, status: str, at: datetime) -> EventBridgeEvent:
    """Return the event of a CloudFormation stack's new status (user guide, "Stack Status Change event detail")."""
    arn = f"arn:aws:cloudformation:{sender.region}:{sender.account}:stack/{stack}/{sender.event_id}"
    detail = {"stack-id": arn, "status-details": {"status": status, "status-reason": ""}, "client-request-token": ""}
    return _make_event(sender, ("aws.cloudformation", "CloudFormation Stack Status Change"), at, arn, detail)


def custom_event(sender: EventSource, entry: Mapping[str, Any], at: datetime) -> EventBridgeEvent:
    """Return the event of an entry of PutEvents."""
    detail = json.loads(entry["Detail"])
    return _make_event(sender, (entry["Source"], entry["DetailType"]), at, "", detail) | {"resources": []}


def _make_alarm_event(sender: EventSource, arn: str, at: datetime, detail: Mapping[str, Any]) -> EventBridgeEvent:
    return _make_event(sender, ("aws.cloudwatch", "CloudWatch Alarm State Change"), at, arn, detail)


def _make_event(
    sender: EventSource, kind: tuple[str, str], at: datetime, resource: str, detail: Mapping[str, Any]
) -> EventBridgeEvent:
    source, detail_type = kind
    return {
        "version": "0",
        "id": sender.event_id,
        "detail-type": detail_type,
        "source": source,
        "account": sender.account,
        "time": format_event_time(at),
        "region": sender.region,
        "resources": [resource],
        "detail": dict(detail),
    }
