"""The alarms of the account on virtual time: evaluated every minute, and telling EventBridge of each change."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from moto.cloudwatch.models import MetricDatum, cloudwatch_backends

from leeward.twin.engine import Engine
from leeward.twin.events import composite, shapes
from leeward.twin.events.alarms import MetricAlarm, NotEvaluated, State
from leeward.twin.events.composite import CompositeRule
from leeward.twin.events.metrics import MetricId, Metrics
from leeward.twin.events.shapes import Event, Judged, Sender
from leeward.twin.templates.assembly import Resource

EVERY_SECONDS = 60
# CloudWatch evaluates a minute's figures a little after the minute: they take a while to arrive.
_AFTER_SECONDS = 10
METRIC, COMPOSITE = "AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm"
OnEvent = Callable[[str, Event], object]


@dataclass(slots=True)
class _Watched:
    """One alarm; `rule` where it is a composite one."""

    region: str
    name: str
    arn: str
    judged: Judged
    alarm: MetricAlarm | None
    rule: CompositeRule | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """An alarm has changed its state."""

    at: datetime
    region: str
    alarm: str
    before: State
    after: State


class CloudWatch:
    """All metrics and alarms. What handlers put by the API is read out of moto before each evaluation."""

    def __init__(self, engine: Engine, resources: Iterable[Resource], on_event: OnEvent) -> None:
        """`on_event` is told the Region and the event of each change. `not_evaluated` names the alarms that are in the
        templates and that the twin cannot evaluate."""
        self.metrics = Metrics()
        self.feeds: list[Callable[[Metrics], object]] = []
        """Called before each evaluation, to put what AWS itself counts."""
        self.changes: list[Change] = []
        self.not_evaluated: list[str] = []
        self._account, self._clock, self._on_event = engine.account, engine.clock, on_event
        self._dark = engine.wire.is_dark
        self._read: dict[str, int] = {}
        # AWS begins with INSUFFICIENT_DATA and evaluates at once; a world begins with alarms that stand for long.
        begun = Judged(State.INSUFFICIENT_DATA, "Unchecked: Initial alarm creation", {}, self._clock.now())
        self._watched = {w.arn: w for r in resources if (w := self._watch(r, begun)) is not None}
        self._composites = self._in_order([w for w in self._watched.values() if w.rule is not None])
        seconds = EVERY_SECONDS - int(self._clock.now().timestamp()) % EVERY_SECONDS + _AFTER_SECONDS
        self._clock.later(seconds % EVERY_SECONDS, self._begin, name="cloudwatch", inline=True)

    def state(self, region: str, name: str) -> State:
        """The alarm's state now. Raises KeyError."""
        return self._watched[f"arn:aws:cloudwatch:{region}:{self._account}:alarm:{name}"].judged.state

    def alarms(self, region: str) -> list[str]:
        """The names of the alarms that are evaluated in a Region."""
        return [w.name for w in self._watched.values() if w.region == region]

    def evaluate(self) -> None:
        """Look at everything now. In a Region that is dark nothing is evaluated."""
        now = self._clock.now()
        self._collect()
        for feed in self.feeds:
            feed(self.metrics)
        for watched in self._watched.values():
            if watched.alarm is not None and not self._dark(watched.region):
                seen = watched.alarm.look(self.metrics, now)
                state = watched.alarm.judge(seen, watched.judged.state)
                if state is not watched.judged.state:
                    data = {
                        "version": "1.0",
                        "statistic": watched.alarm.terms[0].statistic,
                        "period": watched.alarm.period,
                    }
                    points = {"recentDatapoints": [v for v in reversed(seen) if v is not None]}
                    bound = {"threshold": watched.alarm.threshold}
                    reason = watched.alarm.reason(seen, state)
                    self._change(watched, Judged(state, reason, {**data, **points, **bound}, now))
        for watched in self._composites:
            if not self._dark(watched.region):
                self._evaluate_composite(watched, now)

    # -- inside ---------------------------------------------------------------------------------------------------

    def _begin(self) -> None:
        self.evaluate()
        self._clock.every(EVERY_SECONDS, self.evaluate, name="cloudwatch", inline=True)

    def _watch(self, resource: Resource, begun: Judged) -> _Watched | None:
        arn = resource.arn
        if resource.kind == COMPOSITE:
            rule = composite.parse(str(resource.properties["AlarmRule"]))
            return _Watched(resource.region, resource.name, arn, begun, None, rule)
        try:
            alarm = MetricAlarm.of(resource.properties, resource.name, arn, resource.region)
        except NotEvaluated as error:
            self.not_evaluated.append(str(error))
            return None
        return _Watched(resource.region, resource.name, arn, begun, alarm)

    def _in_order(self, composites: list[_Watched]) -> list[_Watched]:
        """A composite alarm after those that it speaks of. Composites of composites settle in one evaluation."""
        names = {w.name for w in composites}
        done: list[_Watched] = []
        while composites:
            ready = [w for w in composites if w.rule and not (set(w.rule.children) & (names - {d.name for d in done}))]
            if not ready:
                raise composite.BadRule(f"composite alarms speak of each other: {[w.name for w in composites]}")
            done += ready
            composites = [w for w in composites if w not in ready]
        return done

    def _evaluate_composite(self, watched: _Watched, now: datetime) -> None:
        if watched.rule is None:
            return
        children = {w.name: w for w in self._watched.values() if w.region == watched.region}
        missing = [name for name in watched.rule.children if name not in children]
        if missing:
            raise composite.BadRule(f"{watched.name} speaks of {', '.join(missing)}, which is no alarm there")
        named = {name: children[name].judged for name in watched.rule.children}
        state = State.ALARM if watched.rule.holds({n: j.state for n, j in named.items()}) else State.OK
        if state is watched.judged.state:
            return
        triggering = [
            {"arn": children[n].arn, "state": {"value": j.state.value, "timestamp": shapes.alarm_time(j.at)}}
            for n, j in named.items()
        ]
        last = max(named, key=lambda name: named[name].at)
        reason = f"{children[last].arn} transitioned to {named[last].state} at {now:%A %d %B, %Y %H:%M:%S UTC}"
        self._change(watched, Judged(state, reason, {"triggeringAlarms": triggering}, now))

    def _change(self, watched: _Watched, judged: Judged) -> None:
        was, watched.judged = watched.judged, judged
        number = len(self.changes)
        self.changes.append(Change(judged.at, watched.region, watched.name, was.state, judged.state))
        sender = Sender(f"a1a12000-0000-4000-8000-{number:012x}", self._account, watched.region)
        if watched.alarm is not None:
            event = shapes.metric_alarm_event(sender, watched.alarm, was, judged)
        elif watched.rule is not None:
            named = (watched.name, watched.arn, watched.rule.text)
            event = shapes.composite_alarm_event(sender, named, was, judged)
        self._on_event(watched.region, event)

    def _collect(self) -> None:
        for region, backend in cloudwatch_backends[self._account].items():
            fresh = backend.metric_data[self._read.get(region, 0) :]
            self._read[region] = len(backend.metric_data)
            for datum in fresh:
                if isinstance(datum, MetricDatum):
                    dimensions = {d.name: d.value for d in datum.dimensions}
                    metric = MetricId.of(region, datum.namespace, datum.name, dimensions)
                    self.metrics.put(metric, datum.timestamp.replace(tzinfo=self._clock.now().tzinfo), datum.value)
