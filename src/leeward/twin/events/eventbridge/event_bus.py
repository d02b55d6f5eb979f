"""EventBridge's default bus in each Region: rules with a pattern or a schedule, and their targets."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from moto.events.models import EventPattern

from leeward.base import schedule_expressions
from leeward.twin.engine import VirtualClock
from leeward.twin.events.delays.trigger_delays import TriggerDelays
from leeward.twin.events.eventbridge.event_documents import EventBridgeEvent, EventSource, scheduled_event
from leeward.twin.events.eventbridge.input_transformer import make_target_input
from leeward.twin.events.eventbridge.target_delivery import PendingDelivery, RetryPolicy, TargetDelivery
from leeward.twin.templates.cloud_assembly import TemplateResource

RULE_TYPE = "AWS::Events::Rule"


@dataclass(frozen=True, slots=True)
class EventRule:
    """An enabled rule. `pattern` is None for a rule with a schedule."""

    region: str
    name: str
    arn: str
    pattern: EventPattern | None
    schedule: str | None
    targets: tuple[Mapping[str, Any], ...]


class EventBus:
    """All rules of the account. `events` lists the events that were put on the bus, with their Regions."""

    def __init__(
        self,
        account: str,
        clock: VirtualClock,
        resources: Iterable[TemplateResource],
        delivery: TargetDelivery,
        delays: TriggerDelays,
    ) -> None:
        self._account, self._clock, self._delivery, self._delays = account, clock, delivery, delays
        self.events: list[tuple[str, EventBridgeEvent]] = []
        self.rules = [_make_rule(r) for r in resources if r.properties.get("State", "ENABLED") == "ENABLED"]
        for number, rule in enumerate(self.rules):
            if rule.schedule is not None:
                self._schedule_rule(rule, number)

    def put_event(self, region: str, event: EventBridgeEvent, *, times: int = 1) -> None:
        """Put an event on the Region's bus. `times` repeats it, because EventBridge delivers at least once."""
        self.events.append((region, event))
        for _ in range(times):
            for rule in self.rules:
                if rule.region == region and rule.pattern is not None and rule.pattern.matches_event(event):
                    self._send_to_targets(rule, event)

    def _send_to_targets(self, rule: EventRule, event: EventBridgeEvent) -> None:
        for target in rule.targets:
            queue = target.get("DeadLetterConfig", {}).get("Arn")
            payload = make_target_input(target, event, rule.arn, rule.name)
            attempts = RetryPolicy.from_properties(target.get("RetryPolicy"))
            self._delivery.send(PendingDelivery(str(target["Arn"]), payload, f"rule {rule.name}", attempts, queue))

    def _schedule_rule(self, rule: EventRule, number: int) -> None:
        expression = schedule_expressions.parse_schedule(str(rule.schedule))
        # Rules that were deployed together do not fire in the same instant.
        began = self._clock.now() + timedelta(seconds=number % 30 + 1)
        has_rate = isinstance(expression, schedule_expressions.RateSchedule)
        if isinstance(expression, schedule_expressions.RateSchedule):
            began -= expression.interval
        times = expression.fire_times(began, ZoneInfo("UTC"))

        def fire() -> None:
            now = self._clock.now()
            event_id = f"5c4ed000-0000-4000-8000-{number:04x}{int(now.timestamp()):08x}"
            self._send_to_targets(
                rule, scheduled_event(EventSource(event_id, self._account, rule.region), rule.arn, now)
            )
            schedule_next()

        def schedule_next() -> None:
            moment = next(times, None)
            if moment is not None:
                delay = timedelta(seconds=self._delays.scheduled_rule(rule.arn, has_rate=has_rate))
                self._clock.call_at(moment + delay, fire, name=f"rule {rule.name}", inline=True)

        schedule_next()


def _make_rule(resource: TemplateResource) -> EventRule:
    properties = resource.properties
    pattern = properties.get("EventPattern")
    loaded = EventPattern.load(json.dumps(pattern)) if pattern is not None else None
    schedule = properties.get("ScheduleExpression")
    return EventRule(
        resource.region, resource.name, resource.arn, loaded, schedule, tuple(properties.get("Targets", ()))
    )
