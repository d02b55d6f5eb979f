"""EventBridge's default bus in each Region: rules with a pattern or a rate, and their targets."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from moto.events.models import EventPattern

from leeward.state_machines import schedules
from leeward.twin.engine import Clock
from leeward.twin.events.delivery import Attempts, Delivery, Parcel
from leeward.twin.events.shapes import Event, Sender, scheduled_event
from leeward.twin.events.transformer import target_input
from leeward.twin.templates.assembly import Resource

RULE = "AWS::Events::Rule"


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule that is enabled. `pattern` is None for one that is on a schedule."""

    region: str
    name: str
    arn: str
    pattern: EventPattern | None
    schedule: str | None
    targets: tuple[Mapping[str, Any], ...]


class Bus:
    """Every rule of the account. `events` is what was put on the bus, with its Region."""

    def __init__(self, account: str, clock: Clock, resources: Iterable[Resource], delivery: Delivery) -> None:
        self._account, self._clock, self._delivery = account, clock, delivery
        self.events: list[tuple[str, Event]] = []
        self.rules = [_rule(r) for r in resources if r.properties.get("State", "ENABLED") == "ENABLED"]
        for number, rule in enumerate(self.rules):
            if rule.schedule is not None:
                self._arrange(rule, number)

    def put(self, region: str, event: Event, *, times: int = 1) -> None:
        """Put an event on the Region's bus; `times` because EventBridge delivers at least once."""
        self.events.append((region, event))
        for _ in range(times):
            for rule in self.rules:
                if rule.region == region and rule.pattern is not None and rule.pattern.matches_event(event):
                    self._send(rule, event)

    def _send(self, rule: Rule, event: Event) -> None:
        for target in rule.targets:
            queue = target.get("DeadLetterConfig", {}).get("Arn")
            payload = target_input(target, event, rule.arn, rule.name)
            attempts = Attempts.of(target.get("RetryPolicy"))
            self._delivery.send(Parcel(str(target["Arn"]), payload, f"rule {rule.name}", attempts, queue))

    def _arrange(self, rule: Rule, number: int) -> None:
        expression = schedules.parse(str(rule.schedule))
        # Rules that were deployed together do not fire in the same instant.
        began = self._clock.now() + timedelta(seconds=number % 30 + 1)
        if isinstance(expression, schedules.Rate):
            began -= expression.every
        times = expression.times(began, ZoneInfo("UTC"))

        def fire() -> None:
            now = self._clock.now()
            event_id = f"5c4ed000-0000-4000-8000-{number:04x}{int(now.timestamp()):08x}"
            self._send(rule, scheduled_event(Sender(event_id, self._account, rule.region), rule.arn, now))
            following()

        def following() -> None:
            moment = next(times, None)
            if moment is not None:
                self._clock.at(moment, fire, name=f"rule {rule.name}", inline=True)

        following()


def _rule(resource: Resource) -> Rule:
    given = resource.properties
    pattern = given.get("EventPattern")
    loaded = EventPattern.load(json.dumps(pattern)) if pattern is not None else None
    schedule = given.get("ScheduleExpression")
    return Rule(resource.region, resource.name, resource.arn, loaded, schedule, tuple(given.get("Targets", ())))
