"""Events as AWS words them.

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
from leeward.twin.events.alarms import MetricAlarm, State
from leeward.twin.events.math import Term

Event: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Judged:
    """An alarm's state at one time, as an event tells it. `data` is what `reasonData` holds."""

    state: State
    reason: str
    data: Mapping[str, object]
    at: datetime

    def told(self) -> dict[str, str]:
        return {
            "value": self.state.value,
            "reason": self.reason,
            "reasonData": json.dumps(self.data),
            "timestamp": alarm_time(self.at),
        }


def alarm_time(at: datetime) -> str:
    """`2026-03-01T09:05:10.000+0000`: CloudWatch's own form, without a colon in the zone."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03}+0000"


def event_time(at: datetime) -> str:
    """`2026-03-01T09:05:10Z`, whole seconds."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


@dataclass(frozen=True, slots=True)
class Sender:
    """Of which event: its id, and the account and Region that it is of."""

    event_id: str
    account: str
    region: str


def metric_alarm_event(sender: Sender, alarm: MetricAlarm, was: Judged, now: Judged) -> Event:
    """A metric alarm has changed its state."""
    metrics = [
        {"id": f"m{number}", "metricStat": _stat(term, alarm.period), "returnData": len(alarm.terms) == 1}
        for number, term in enumerate(alarm.terms)
    ]
    configuration: dict[str, Any] = {"metrics": metrics}
    if alarm.description:
        configuration["description"] = alarm.description
    told = {"state": now.told(), "previousState": was.told(), "configuration": configuration}
    return _alarm_event(sender, alarm.arn, now.at, {"alarmName": alarm.name, **told})


def _stat(term: Term, period: int) -> dict[str, Any]:
    dimensions = dict(sorted(term.metric.dimensions))
    metric = {"namespace": term.metric.namespace, "name": term.metric.name, "dimensions": dimensions}
    return {"metric": metric, "period": period, "stat": term.statistic}


def composite_alarm_event(sender: Sender, named: tuple[str, str, str], was: Judged, now: Judged) -> Event:
    """A composite alarm has changed its state. `named`: its name, ARN and rule."""
    name, arn, rule = named
    told = {"state": now.told(), "previousState": was.told(), "configuration": {"alarmRule": rule}}
    return _alarm_event(sender, arn, now.at, {"alarmName": name, **told})


def drs_event(event_id: str, account: str, told: DrsEvent) -> Event:
    """What DRS hands to EventBridge."""
    sender = Sender(event_id, account, told.region)
    return _event(sender, ("aws.drs", told.detail_type), told.at, told.resource, dict(told.detail))


def scheduled_event(sender: Sender, rule: str, at: datetime) -> Event:
    """A rule with a rate is due."""
    return _event(sender, ("aws.events", "Scheduled Event"), at, rule, {})


def stack_event(sender: Sender, stack: str, status: str, at: datetime) -> Event:
    """CloudFormation has brought a stack to a status (user guide, "Stack Status Change event detail")."""
    arn = f"arn:aws:cloudformation:{sender.region}:{sender.account}:stack/{stack}/{sender.event_id}"
    detail = {"stack-id": arn, "status-details": {"status": status, "status-reason": ""}, "client-request-token": ""}
    return _event(sender, ("aws.cloudformation", "CloudFormation Stack Status Change"), at, arn, detail)


def own_event(sender: Sender, entry: Mapping[str, Any], at: datetime) -> Event:
    """What a function put on the bus: an entry of PutEvents."""
    detail = json.loads(entry["Detail"])
    return _event(sender, (entry["Source"], entry["DetailType"]), at, "", detail) | {"resources": []}


def _alarm_event(sender: Sender, arn: str, at: datetime, detail: Mapping[str, Any]) -> Event:
    return _event(sender, ("aws.cloudwatch", "CloudWatch Alarm State Change"), at, arn, detail)


def _event(sender: Sender, kind: tuple[str, str], at: datetime, resource: str, detail: Mapping[str, Any]) -> Event:
    source, detail_type = kind
    return {
        "version": "0",
        "id": sender.event_id,
        "detail-type": detail_type,
        "source": source,
        "account": sender.account,
        "time": event_time(at),
        "region": sender.region,
        "resources": [resource],
        "detail": dict(detail),
    }
