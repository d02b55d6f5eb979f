"""All CloudWatch alarms of the account, evaluated every minute of virtual time. Sends state changes to EventBridge.

Each metric alarm is evaluated at its own second of the minute, and composite alarms after a change of a child.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from moto.cloudwatch.models import MetricDatum, cloudwatch_backends

from leeward.twin.engine import Engine
from leeward.twin.events.alarms import composite_alarms
from leeward.twin.events.alarms.composite_alarms import CompositeRule
from leeward.twin.events.alarms.metric_alarms import AlarmState, MetricAlarm, UnsupportedAlarm
from leeward.twin.events.alarms.metric_store import MetricId, MetricStore
from leeward.twin.events.delays.trigger_delays import TriggerDelays
from leeward.twin.events.eventbridge import event_documents
from leeward.twin.events.eventbridge.event_documents import AlarmStatus, EventBridgeEvent, EventSource
from leeward.twin.templates.cloud_assembly import TemplateResource

_EVALUATION_INTERVAL_SECONDS = 60
METRIC_ALARM_TYPE, COMPOSITE_ALARM_TYPE = "AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm"
OnEvent = Callable[[str, EventBridgeEvent], object]


@dataclass(slots=True)
class _WatchedAlarm:
    """One alarm: a metric alarm with `alarm`, or a composite alarm with `rule`."""

    region: str
    name: str
    arn: str
    status: AlarmStatus
    alarm: MetricAlarm | None
    rule: CompositeRule | None = None


@dataclass(frozen=True, slots=True)
class AlarmStateChange:
    """A change of an alarm's state."""

    at: datetime
    region: str
    alarm: str
    before: AlarmState
    after: AlarmState


class CloudWatchAlarms:
    """All metrics and alarms. The data points of handlers' API calls are read from moto before each evaluation."""

    def __init__(
        self, engine: Engine, resources: Iterable[TemplateResource], on_event: OnEvent, delays: TriggerDelays
    ) -> None:
        """`on_event` is called with the Region and the event of each state change.

        `unsupported_alarms` describes the alarms of the templates that the twin cannot evaluate.
        """
        self.metrics = MetricStore(delays.metric_arrival)
        self._delays = delays
        self.metric_sources: list[Callable[[MetricStore], object]] = []
        """Called before each evaluation to add the data points that AWS itself counts."""
        self.changes: list[AlarmStateChange] = []
        self.unsupported_alarms: list[str] = []
        self._account, self._clock, self._on_event = engine.account, engine.clock, on_event
        self._is_unavailable = engine.interceptor.has_outage
        self._read: dict[str, int] = {}
        self._composites_repeat = False
        # AWS starts with INSUFFICIENT_DATA and evaluates at once. A world starts with alarms that have existed for a
        # long time.
        initial_status = AlarmStatus(
            AlarmState.INSUFFICIENT_DATA, "Unchecked: Initial alarm creation", {}, self._clock.now()
        )
        self._watched = {w.arn: w for r in resources if (w := self._make_watched_alarm(r, initial_status)) is not None}
        self._composites = self._order_composites([w for w in self._watched.values() if w.rule is not None])
        self._schedule_evaluations()

    def alarm_state(self, region: str, name: str) -> AlarmState:
        """Return the alarm's current state. Raises KeyError for an unknown alarm."""
        return self._watched[f"arn:aws:cloudwatch:{region}:{self._account}:alarm:{name}"].status.state

    def alarm_names(self, region: str) -> list[str]:
        """Return the names of the alarms that are evaluated in a Region."""
        return [w.name for w in self._watched.values() if w.region == region]

    # -- evaluation --------------------------------------------------------------------------------------------------

    def _schedule_evaluations(self) -> None:
        """Schedule the first evaluation of all alarms, at their seconds of the minute. The others follow."""
        by_phase: dict[int, list[_WatchedAlarm]] = {}
        for watched in self._watched.values():
            if watched.alarm is not None:
                by_phase.setdefault(self._delays.alarm_phase(watched.arn), []).append(watched)
        second = int(self._clock.now().timestamp()) % _EVALUATION_INTERVAL_SECONDS
        for phase, alarms in sorted(by_phase.items()):
            start = partial(self._start, alarms)
            wait = (phase - second) % _EVALUATION_INTERVAL_SECONDS
            self._clock.call_later(wait, start, name="cloudwatch", inline=True)

    def _start(self, alarms: list[_WatchedAlarm]) -> None:
        self._evaluate(alarms)
        evaluate = partial(self._evaluate, alarms)
        self._clock.call_every(_EVALUATION_INTERVAL_SECONDS, evaluate, name="cloudwatch", inline=True)

    def _evaluate(self, alarms: list[_WatchedAlarm]) -> None:
        """Evaluate metric alarms, and the composite alarms if one of them has changed.

        In a Region with an outage, no alarm is evaluated.
        """
        now = self._clock.now()
        self._collect_put_metrics()
        for publish_metrics in self.metric_sources:
            publish_metrics(self.metrics)
        changed = [w for w in alarms if not self._is_unavailable(w.region) and self._evaluate_metric_alarm(w, now)]
        if changed:
            self._call_after_change(changed[0].arn, self._evaluate_composites)

    def _evaluate_metric_alarm(self, watched: _WatchedAlarm, now: datetime) -> bool:
        """Return whether the alarm's state has changed."""
        alarm = watched.alarm
        if alarm is None:
            return False
        values = alarm.read_periods(self.metrics, now)
        state = alarm.evaluate(values, watched.status.state)
        if state is watched.status.state:
            return False
        data = {"version": "1.0", "statistic": alarm.terms[0].statistic, "period": alarm.period}
        points = {"recentDatapoints": [v for v in reversed(values) if v is not None]}
        threshold = {"threshold": alarm.threshold}
        reason = alarm.state_reason(values, state)
        self._set_status(watched, AlarmStatus(state, reason, {**data, **points, **threshold}, now))
        return True

    def _evaluate_composites(self) -> None:
        """Evaluate the composite alarms. Repeat it a minute later while the Region of one of them has an outage."""
        for watched in self._composites:
            if not self._is_unavailable(watched.region):
                self._evaluate_composite(watched, self._clock.now())
            elif not self._composites_repeat:
                self._composites_repeat = True
                self._clock.call_later(
                    _EVALUATION_INTERVAL_SECONDS, self._repeat_composites, name="cloudwatch", inline=True
                )

    def _repeat_composites(self) -> None:
        self._composites_repeat = False
        self._evaluate_composites()

    def _call_after_change(self, arn: str, action: Callable[[], object]) -> None:
        """Call `action` after the delay that follows the change of an alarm."""
        seconds = self._delays.alarm_change(arn)
        if seconds:
            self._clock.call_later(seconds, action, name="cloudwatch", inline=True)
        else:
            action()

    def _make_watched_alarm(self, resource: TemplateResource, initial: AlarmStatus) -> _WatchedAlarm | None:
        arn = resource.arn
        if resource.kind == COMPOSITE_ALARM_TYPE:
            rule = composite_alarms.parse_alarm_rule(str(resource.properties["AlarmRule"]))
            return _WatchedAlarm(resource.region, resource.name, arn, initial, None, rule)
        try:
            alarm = MetricAlarm.from_properties(resource.properties, resource.name, arn, resource.region)
        except UnsupportedAlarm as error:
            self.unsupported_alarms.append(str(error))
            return None
        return _WatchedAlarm(resource.region, resource.name, arn, initial, alarm)

    def _order_composites(self, composites: list[_WatchedAlarm]) -> list[_WatchedAlarm]:
        """Return the composite alarms, each after those that it references.

        Composites of composites then settle in one evaluation.
        """
        names = {w.name for w in composites}
        done: list[_WatchedAlarm] = []
        while composites:
            ready = [
                w for w in composites if w.rule and not (set(w.rule.child_alarms) & (names - {d.name for d in done}))
            ]
            if not ready:
                raise composite_alarms.InvalidAlarmRule(
                    f"composite alarms reference each other: {[w.name for w in composites]}"
                )
            done += ready
            composites = [w for w in composites if w not in ready]
        return done

    def _evaluate_composite(self, watched: _WatchedAlarm, now: datetime) -> None:
        if watched.rule is None:
            return
        children = {w.name: w for w in self._watched.values() if w.region == watched.region}
        missing = [name for name in watched.rule.child_alarms if name not in children]
        if missing:
            raise composite_alarms.InvalidAlarmRule(
                f"{watched.name} references {', '.join(missing)}, but {watched.region} has no such alarm"
            )
        child_statuses = {name: children[name].status for name in watched.rule.child_alarms}
        state = (
            AlarmState.ALARM
            if watched.rule.predicate({n: status.state for n, status in child_statuses.items()})
            else AlarmState.OK
        )
        if state is watched.status.state:
            return
        triggering = [
            {
                "arn": children[n].arn,
                "state": {"value": status.state.value, "timestamp": event_documents.format_alarm_time(status.at)},
            }
            for n, status in child_statuses.items()
        ]
        last = max(child_statuses, key=lambda name: child_statuses[name].at)
        reason = f"{children[last].arn} transitioned to {child_statuses[last].state} at {now:%A %d %B, %Y %H:%M:%S UTC}"
        self._set_status(watched, AlarmStatus(state, reason, {"triggeringAlarms": triggering}, now))

    def _set_status(self, watched: _WatchedAlarm, current: AlarmStatus) -> None:
        previous, watched.status = watched.status, current
        number = len(self.changes)
        self.changes.append(AlarmStateChange(current.at, watched.region, watched.name, previous.state, current.state))
        sender = EventSource(f"a1a12000-0000-4000-8000-{number:012x}", self._account, watched.region)
        if watched.alarm is not None:
            event = event_documents.metric_alarm_event(sender, watched.alarm, previous, current)
        elif watched.rule is not None:
            named = (watched.name, watched.arn, watched.rule.text)
            event = event_documents.composite_alarm_event(sender, named, previous, current)
        self._call_after_change(watched.arn, partial(self._on_event, watched.region, event))

    def _collect_put_metrics(self) -> None:
        for region, backend in cloudwatch_backends[self._account].items():
            fresh = backend.metric_data[self._read.get(region, 0) :]
            self._read[region] = len(backend.metric_data)
            for datum in fresh:
                if isinstance(datum, MetricDatum):
                    dimensions = {d.name: d.value for d in datum.dimensions}
                    metric = MetricId.from_dimensions(region, datum.namespace, datum.name, dimensions)
                    self.metrics.put_datapoint(
                        metric, datum.timestamp.replace(tzinfo=self._clock.now().tzinfo), datum.value
                    )
