"""EventBridge Scheduler on virtual time: cron, rate and at, time zones, flexible windows, context attributes.

Source: EventBridge Scheduler user guide, "Schedule types", "Flexible time windows", "Adding context attributes".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from leeward.state_machines import schedules
from leeward.twin.engine import Clock
from leeward.twin.errors import TwinError
from leeward.twin.events.delivery import Attempts, Delivery, Parcel
from leeward.twin.events.shapes import event_time
from leeward.twin.templates.assembly import Resource

SCHEDULE = "AWS::Scheduler::Schedule"


@dataclass(frozen=True, slots=True)
class Fired:
    """A schedule was due at `scheduled`, and was carried out at `at`."""

    schedule: str
    region: str
    scheduled: datetime
    at: datetime


class Scheduler:
    """Every schedule of the account that is enabled."""

    def __init__(self, clock: Clock, resources: Iterable[Resource], delivery: Delivery, random: Random) -> None:
        self._clock, self._delivery, self._random = clock, delivery, random
        self.fired: list[Fired] = []
        self.disabled: set[str] = set()
        """Names of schedules that someone has switched off."""
        for resource in resources:
            if resource.properties.get("State", "ENABLED") == "ENABLED":
                self._arrange(resource)

    def _arrange(self, resource: Resource) -> None:
        times = _times(resource, self._clock.now())
        window = resource.properties.get("FlexibleTimeWindow", {"Mode": "OFF"})
        minutes = int(window.get("MaximumWindowInMinutes", 0)) if window.get("Mode") == "FLEXIBLE" else 0

        def following() -> None:
            scheduled = next(times, None)
            if scheduled is not None:
                late = timedelta(seconds=self._random.randrange(minutes * 60)) if minutes else timedelta()
                self._clock.at(scheduled + late, lambda: fire(scheduled), name=resource.name, inline=True)

        def fire(scheduled: datetime) -> None:
            if resource.name not in self.disabled:
                self._send(resource, scheduled)
            following()

        following()

    def _send(self, resource: Resource, scheduled: datetime) -> None:
        target = resource.properties["Target"]
        number = len(self.fired)
        self.fired.append(Fired(resource.name, resource.region, scheduled, self._clock.now()))
        attributes = {
            "<aws.scheduler.schedule-arn>": resource.arn,
            "<aws.scheduler.scheduled-time>": event_time(scheduled),
            "<aws.scheduler.execution-id>": f"d{number:07x}-0000-4000-8000-{int(scheduled.timestamp()):012x}",
            "<aws.scheduler.attempt-number>": "1",
        }
        payload = str(target.get("Input", "{}"))
        for name, value in attributes.items():
            payload = payload.replace(name, value)
        queue = target.get("DeadLetterConfig", {}).get("Arn")
        attempts = Attempts.of(target.get("RetryPolicy"))
        self._delivery.send(Parcel(str(target["Arn"]), payload, f"schedule {resource.name}", attempts, queue))


def next_due(schedule: Resource, after: datetime) -> datetime:
    """When a schedule is due next after `after`, in UTC. Raises TwinError for one that never is."""
    due = next(_times(schedule, after), None)
    if due is None:
        raise TwinError(f"the schedule {schedule.name} is never due")
    return due


def _times(resource: Resource, after: datetime) -> Iterator[datetime]:
    expression = schedules.parse(str(resource.properties["ScheduleExpression"]))
    zone = ZoneInfo(str(resource.properties.get("ScheduleExpressionTimezone", "UTC")))
    return expression.times(after, zone)
