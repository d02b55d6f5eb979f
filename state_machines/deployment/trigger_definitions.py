"""The names, inputs, and expressions that a runbook's triggers have in the deployed templates.

These are pure functions of the documents, so the templates, the handlers, and the tests share one source.

An alarm: `leeward-probe` (every minute, in each probing Region) -> metric `Healthy` in the target Region -> an alarm
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
from leeward.state_machines.components.arc_routing_controls import RoutingControlsComponent
from leeward.state_machines.components.drs_servers import ServerGroupComponent
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

# The tasks (modules of lambdas/) that implement the triggers.
START_TASK, START_DRILL_TASK, PROBE_TASK, DRILL_WATCH_TASK = "start", "start_drill", "probe", "drill_watch"
PROBE_RATE, DRILL_WATCH_RATE = "rate(1 minute)", "rate(1 hour)"

METRIC_NAMESPACE = "Leeward"
HEALTHY_METRIC, DRILL_OVERDUE_METRIC = "Healthy", "DrillOverdue"  # 1 or 0

_REQUEST_SECONDS = 5
_HTTP_OK = 200


@dataclass(frozen=True, slots=True)
class SignalAlarm:
    """The CloudWatch alarm of one signal, in the target Region.

    Each has Period 60, EvaluationPeriods and DatapointsToAlarm `minutes`, and TreatMissingData notBreaching. Missing
    data never counts as unhealthy.
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
    """Return an alarm for each signal of the runbook's alarm trigger, in document order. Empty without an alarm
    trigger.
    """
    alarm = get_alarm(runbook)
    return [] if alarm is None else [_signal_alarm(application, runbook, alarm, name) for name in alarm.signals]


def composite_alarm_name(application: Application, runbook: Runbook) -> str:
    """Return the name of the composite alarm whose state change starts the runbook."""
    return f"leeward-{application.application}-{runbook.runbook}"


def quorum_rule(names: Sequence[str], quorum: int) -> str:
    """Return the AlarmRule of a composite alarm that is in ALARM when at least `quorum` of the alarms `names` are."""
    conjunctions = (" AND ".join(f'ALARM("{name}")' for name in some) for some in combinations(names, quorum))
    return " OR ".join(f"({conjunction})" for conjunction in conjunctions)


def probe_inputs(application: Application, runbook: Runbook) -> dict[str, JsonObject]:
    """Return, for each probing Region, the input of its `leeward-probe` function, which runs every minute."""
    alarm = get_alarm(runbook)
    if alarm is None:
        return {}
    run_regions = RunRegions.from_direction(application.regions, runbook.direction)
    signals_by_region: dict[str, list[Json]] = {}
    for name, signal in alarm.signals.items():
        match signal:
            case HttpSignal():
                checks = _page_checks(application, run_regions.origin if signal.ask == "origin" else None)
                probe: JsonObject = {"name": name, "kind": "http", "checks": checks, "seconds": _REQUEST_SECONDS}
                signals_by_region.setdefault(signal.seen_from or run_regions.target, []).append(probe)
            case ReplicationSignal():
                groups = groups_json(
                    application, [group for group, _ in application.components_of_kind(ServerGroupComponent)]
                )
                lag = int(signal.lag.total_seconds())
                signals_by_region.setdefault(run_regions.target, []).append(
                    {"name": name, "kind": "replication", "groups": groups, "lag_seconds": lag}
                )
            case MetricSignal():
                pass
    common: JsonObject = {
        "application": application.application,
        "runbook": runbook.runbook,
        "metrics_region": run_regions.target,
    }
    return {region: common | {"signals": signals} for region, signals in signals_by_region.items()}


def alarm_event_pattern(application: Application, runbook: Runbook) -> JsonObject:
    """Return the rule's EventPattern, which matches only the composite alarm's change to ALARM."""
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
    """Return the InputTemplate of the rule's target, for `leeward-start`.

    `machine` is the state machine's ARN or a CDK token. Raises LookupError when the runbook has no alarm.
    """
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
    """Return the Input of the schedule's target: JSON for `leeward-start-drill`, with Scheduler's context attributes.

    Raises LookupError when the runbook has no schedule.
    """
    schedule = get_schedule(runbook)
    if schedule is None:
        raise LookupError(f"{runbook.runbook} has no schedule")
    event: JsonObject = {"id": "<aws.scheduler.execution-id>", "at": "<aws.scheduler.scheduled-time>"}
    rules: JsonObject = {"blackouts": blackouts_in_utc(schedule.blackout, schedule.timezone)}
    return json.dumps(_start_input(application, runbook, machine) | {"event": event, "rules": rules})


def drill_watch_input(application: Application, runbook: Runbook, machine: str) -> str:
    """Return the Input of the hourly rule's target: JSON for `leeward-drill-watch`.

    Raises LookupError when the runbook has no schedule.
    """
    schedule = get_schedule(runbook)
    if schedule is None:
        raise LookupError(f"{runbook.runbook} has no schedule")
    event: JsonObject = {
        "application": application.application,
        "runbook": runbook.runbook,
        "machine": machine,
        "at_least_every_seconds": int(schedule.at_least_every.total_seconds()),
        "blackouts": blackouts_in_utc(schedule.blackout, schedule.timezone),
    }
    return json.dumps(event)


def drill_overdue_alarm(application: Application, runbook: Runbook) -> SignalAlarm:
    """Return the alarm of a missed drill.

    Unlike signal alarms, it has Period 3600, EvaluationPeriods and DatapointsToAlarm 2, and TreatMissingData breaching.
    Missing data is breaching because, without the watch, no one would notice a missed drill.
    """
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
    """Return the runbook's alarm trigger, if it has one."""
    return runbook.triggers.alarm if runbook.triggers else None


def get_schedule(runbook: Runbook) -> ScheduleTrigger | None:
    """Return the runbook's schedule, if it has one."""
    return runbook.triggers.schedule if runbook.triggers else None


def blackouts_in_utc(periods: Iterable[Blackout], timezone: str) -> list[Json]:
    """Return each blackout as {"from", "to", "reason"} in UTC, because Lambda functions have no time zone data."""
    blackouts: list[Json] = []
    for blackout in periods:
        begin, end = blackout.utc_interval(timezone)
        blackouts.append({"from": begin.isoformat(), "to": end.isoformat(), "reason": blackout.reason})
    return blackouts


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
    # A minute is unhealthy when no probe in it found the origin healthy.
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
    run_regions = RunRegions.from_direction(application.regions, runbook.direction)
    return {
        "application": application.application,
        "runbook": runbook.runbook,
        "origin": run_regions.origin,
        "target": run_regions.target,
        "machine": machine,
    }


def _routing_control_fields(application: Application) -> JsonObject:
    """Return the routing controls that show which Region is active. Empty when the application has none."""
    for _, routing in application.components_of_kind(RoutingControlsComponent):
        endpoints: list[Json] = [{"region": region, "url": url} for region, url in routing.endpoints.items()]
        return {"endpoints": endpoints, "controls": dict(routing.controls)}
    return {"endpoints": [], "controls": {}}
