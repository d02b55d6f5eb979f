"""What a runbook's triggers become: the inputs, names and expressions that stand in the deployed templates.

Pure functions of the documents, so that what is deployed, what the handlers read and what is tested have one source.

An alarm: `leeward-probe` (every minute, in each Region that looks) -> metric `Healthy` in the target Region -> an alarm
for each signal -> a composite alarm (the quorum) -> EventBridge rule -> `leeward-start` -> the state machine.

A drill: EventBridge Scheduler -> `leeward-start-drill` -> the state machine; and `leeward-drill-watch` (every hour) ->
metric `DrillOverdue` -> an alarm.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

from leeward.state_machines.application.application_document import Application
from leeward.state_machines.application.run_direction import RunRegions
from leeward.state_machines.asl import Json, JsonObject
from leeward.state_machines.components import RoutingControlsComponent, ServerGroupComponent
from leeward.state_machines.fragments.actions.server_groups import groups_json
from leeward.state_machines.runbook.runbook_document import Runbook
from leeward.state_machines.runbook.triggers import (
    ALARM_PERIOD,
    AlarmTrigger,
    AnySignal,
    Blackout,
    HttpSignal,
    MetricSignal,
    ReplicationSignal,
    ScheduleTrigger,
)

# The tasks (modules of lambdas/) behind the triggers.
START_TASK, START_DRILL_TASK, PROBE_TASK, DRILL_WATCH_TASK = "start", "start_drill", "probe", "drill_watch"
PROBE_RATE, DRILL_WATCH_RATE = "rate(1 minute)", "rate(1 hour)"

METRIC_NAMESPACE = "Leeward"
HEALTHY_METRIC, DRILL_OVERDUE_METRIC = "Healthy", "DrillOverdue"  # 1 or 0

_REQUEST_SECONDS = 5
_HTTP_OK = 200


@dataclass(frozen=True, slots=True)
class SignalAlarm:
    """The CloudWatch alarm of one signal, in the Region that the run enters.

    Every one has Period 60, EvaluationPeriods and DatapointsToAlarm `minutes`, TreatMissingData notBreaching: a
    figure that does not come is never unhealthy.
    """

    name: str
    namespace: str
    metric: str
    dimensions: dict[str, str]
    statistic: str
    comparison: str
    threshold: float
    minutes: int


def signal_alarms(application: Application, runbook: Runbook) -> list[SignalAlarm]:
    """One for each signal of the runbook's alarm, in the document's order; none where it has no alarm."""
    alarm = get_alarm(runbook)
    return [] if alarm is None else [_signal_alarm(application, runbook, alarm, name) for name in alarm.signals]


def composite_alarm_name(application: Application, runbook: Runbook) -> str:
    """The name of the composite alarm, whose state change starts the runbook."""
    return f"leeward-{application.application}-{runbook.runbook}"


def quorum_rule(names: Sequence[str], quorum: int) -> str:
    """The AlarmRule of a composite alarm that is in ALARM when `quorum` of the alarms called `names` are."""
    every = (" AND ".join(f'ALARM("{name}")' for name in some) for some in combinations(names, quorum))
    return " OR ".join(f"({one})" for one in every)


def probe_inputs(application: Application, runbook: Runbook) -> dict[str, JsonObject]:
    """For each Region that looks: the input of its `leeward-probe`, which is called every minute."""
    alarm = get_alarm(runbook)
    if alarm is None:
        return {}
    way = RunRegions.from_direction(application.regions, runbook.direction)
    seen: dict[str, list[Json]] = {}
    for name, signal in alarm.signals.items():
        match signal:
            case HttpSignal():
                checks = _page_checks(application, way.origin if signal.ask == "origin" else None)
                told: JsonObject = {"name": name, "kind": "http", "checks": checks, "seconds": _REQUEST_SECONDS}
                seen.setdefault(signal.seen_from or way.target, []).append(told)
            case ReplicationSignal():
                groups = groups_json(
                    application, [group for group, _ in application.components_of_kind(ServerGroupComponent)]
                )
                lag = int(signal.lag.total_seconds())
                seen.setdefault(way.target, []).append(
                    {"name": name, "kind": "replication", "groups": groups, "lag_seconds": lag}
                )
            case MetricSignal():
                pass
    common: JsonObject = {
        "application": application.application,
        "runbook": runbook.runbook,
        "metrics_region": way.target,
    }
    return {region: common | {"signals": signals} for region, signals in seen.items()}


def alarm_event_pattern(application: Application, runbook: Runbook) -> JsonObject:
    """The EventPattern of the rule: the composite alarm's change into ALARM, and no other."""
    return {
        "source": ["aws.cloudwatch"],
        "detail-type": ["CloudWatch Alarm State Change"],
        "detail": {"alarmName": [composite_alarm_name(application, runbook)], "state": {"value": ["ALARM"]}},
    }


# The InputPathsMap of the rule's target.
ALARM_INPUT_PATHS = {
    "id": "$.id",
    "alarm": "$.detail.alarmName",
    "state": "$.detail.state.value",
    "at": "$.detail.state.timestamp",
}


def alarm_input_template(application: Application, runbook: Runbook, machine: str) -> str:
    """The InputTemplate of the rule's target, for `leeward-start`. `machine`: the state machine's ARN, or a token."""
    alarm = get_alarm(runbook)
    if alarm is None:
        raise LookupError(f"{runbook.runbook} has no alarm")
    event: JsonObject = {"id": "<id>", "alarm": "<alarm>", "state": "<state>", "at": "<at>"}
    rules: JsonObject = {
        "automatic": alarm.automatic,
        "unhealthy_for_seconds": int(alarm.unhealthy_for.total_seconds()),
        "cool_down_seconds": int(alarm.cool_down.total_seconds()),
        "max_runs_per_day": alarm.max_runs_per_day,
        "blackouts": blackouts_in_utc(alarm.blackout, alarm.timezone),
    }
    return json.dumps(
        _start_input(application, runbook, machine)
        | {"event": event, "rules": rules}
        | _routing_control_fields(application)
    )


def schedule_input(application: Application, runbook: Runbook, machine: str) -> str:
    """The Input of the schedule's target: JSON for `leeward-start-drill`, with Scheduler's own context attributes."""
    schedule = get_schedule(runbook)
    if schedule is None:
        raise LookupError(f"{runbook.runbook} has no schedule")
    event: JsonObject = {"id": "<aws.scheduler.execution-id>", "at": "<aws.scheduler.scheduled-time>"}
    rules: JsonObject = {"blackouts": blackouts_in_utc(schedule.blackout, schedule.timezone)}
    return json.dumps(_start_input(application, runbook, machine) | {"event": event, "rules": rules})


def drill_watch_input(application: Application, runbook: Runbook, machine: str) -> str:
    """The Input of the hourly rule's target: JSON for `leeward-drill-watch`."""
    schedule = get_schedule(runbook)
    if schedule is None:
        raise LookupError(f"{runbook.runbook} has no schedule")
    told: JsonObject = {
        "application": application.application,
        "runbook": runbook.runbook,
        "machine": machine,
        "at_least_every_seconds": int(schedule.at_least_every.total_seconds()),
        "blackouts": blackouts_in_utc(schedule.blackout, schedule.timezone),
    }
    return json.dumps(told)


def drill_overdue_alarm(application: Application, runbook: Runbook) -> SignalAlarm:
    """The alarm of a missed drill. Unlike a signal's: Period 3600, EvaluationPeriods and DatapointsToAlarm 2, and
    TreatMissingData breaching, since a watch that does not report is a drill that nobody knows of."""
    return SignalAlarm(
        name=f"leeward-{application.application}-{runbook.runbook}-overdue",
        namespace=METRIC_NAMESPACE,
        metric=DRILL_OVERDUE_METRIC,
        dimensions={"Application": application.application, "Runbook": runbook.runbook},
        statistic="Maximum",
        comparison="GreaterThanThreshold",
        threshold=0,
        minutes=120,
    )


def get_alarm(runbook: Runbook) -> AlarmTrigger | None:
    """The runbook's alarm, if it has one."""
    return runbook.triggers.alarm if runbook.triggers else None


def get_schedule(runbook: Runbook) -> ScheduleTrigger | None:
    """The runbook's schedule, if it has one."""
    return runbook.triggers.schedule if runbook.triggers else None


def blackouts_in_utc(periods: Iterable[Blackout], timezone: str) -> list[Json]:
    """Each as {"from", "to", "reason"}, in UTC: a Lambda function has no data of time zones."""
    told: list[Json] = []
    for blackout in periods:
        begin, end = blackout.utc_interval(timezone)
        told.append({"from": begin.isoformat(), "to": end.isoformat(), "reason": blackout.reason})
    return told


def _signal_alarm(application: Application, runbook: Runbook, alarm: AlarmTrigger, name: str) -> SignalAlarm:
    full, minutes = f"{composite_alarm_name(application, runbook)}-{name}", alarm.unhealthy_for // ALARM_PERIOD
    signal: AnySignal = alarm.signals[name]
    if isinstance(signal, MetricSignal):
        below = signal.below is not None
        comparison = "LessThanThreshold" if below else "GreaterThanThreshold"
        bound = signal.below if signal.below is not None else signal.above or 0
        dimensions = dict(signal.dimensions)
        return SignalAlarm(
            full, signal.namespace, signal.metric, dimensions, signal.statistic, comparison, bound, minutes
        )
    dimensions = {"Application": application.application, "Runbook": runbook.runbook, "Signal": name}
    # A minute is unhealthy when no look in it, of however many, found the origin healthy.
    return SignalAlarm(full, METRIC_NAMESPACE, HEALTHY_METRIC, dimensions, "Maximum", "LessThanThreshold", 1, minutes)


def _page_checks(application: Application, region: str | None) -> list[Json]:
    site = application.site
    if site is None:
        raise LookupError("a validated document has a site")
    host = site.endpoints[region] if region else None
    url = site.url.rstrip("/")
    return [
        {"url": url + page.path, "connect_to": host, "contains": page.contains, "status": _HTTP_OK}
        for page in site.pages
    ]


def _start_input(application: Application, runbook: Runbook, machine: str) -> JsonObject:
    way = RunRegions.from_direction(application.regions, runbook.direction)
    return {
        "application": application.application,
        "runbook": runbook.runbook,
        "origin": way.origin,
        "target": way.target,
        "machine": machine,
    }


def _routing_control_fields(application: Application) -> JsonObject:
    """Where to ask which Region serves: the routing controls, where the application has them."""
    for _, routing in application.components_of_kind(RoutingControlsComponent):
        endpoints: list[Json] = [{"region": region, "url": url} for region, url in routing.endpoints.items()]
        return {"endpoints": endpoints, "controls": dict(routing.controls)}
    return {"endpoints": [], "controls": {}}
