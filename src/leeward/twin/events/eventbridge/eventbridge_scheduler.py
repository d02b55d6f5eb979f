"""EventBridge Scheduler on virtual time: expressions, time zones, flexible windows, and context attributes.

Source: EventBridge Scheduler user guide, "Schedule types", "Flexible time windows", "Adding context attributes".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from leeward.base import schedule_expressions
from leeward.twin.engine import VirtualClock
from leeward.twin.errors import TwinError
from leeward.twin.events.delays.trigger_delays import TriggerDelays
from leeward.twin.events.eventbridge.event_documents import format_event_time
from leeward.twin.events.eventbridge.target_delivery import PendingDelivery, RetryPolicy, TargetDelivery
from leeward.twin.templates.cloud_assembly import TemplateResource

SCHEDULE_TYPE = "AWS::Scheduler::Schedule"


@dataclass(frozen=True, slots=True)
class ScheduleFiring:
    """One invocation by a schedule, due at `scheduled` and sent at `at`."""

    schedule: str
    region: str
    scheduled: datetime
    at: datetime


class EventBridgeScheduler:
    """Every enabled schedule of the account."""

    def __init__(
        self,
        clock: VirtualClock,
        resources: Iterable[TemplateResource],
        delivery: TargetDelivery,
        delays: TriggerDelays,
        random: Random,
    ) -> None:
        self._clock, self._delivery, self._delays, self._random = clock, delivery, delays, random
        self.firings: list[ScheduleFiring] = []
        self.disabled_schedules: set[str] = set()
        """Names of the schedules that are disabled during the run."""
        for resource in resources:
            if resource.properties.get("State", "ENABLED") == "ENABLED":
                self._schedule_next(resource)

    def _schedule_next(self, resource: TemplateResource) -> None:
        times = _due_times(resource, self._clock.now())
        window = resource.properties.get("FlexibleTimeWindow", {"Mode": "OFF"})
        minutes = int(window.get("MaximumWindowInMinutes", 0)) if window.get("Mode") == "FLEXIBLE" else 0

        def wait_for_next() -> None:
            scheduled = next(times, None)
            if scheduled is not None:
                delay = self._random.randrange(minutes * 60) if minutes else self._delays.schedule(resource.arn)
                self._clock.call_at(
                    scheduled + timedelta(seconds=delay), lambda: fire(scheduled), name=resource.name, inline=True
                )

        def fire(scheduled: datetime) -> None:
            if resource.name not in self.disabled_schedules:
                self._send_to_target(resource, scheduled)
            wait_for_next()

        wait_for_next()

    def _send_to_target(self, resource: TemplateResource, scheduled: datetime) -> None:
        target = resource.properties["Target"]
        number = len(self.firings)
        self.firings.append(ScheduleFiring(resource.name, resource.region, scheduled, self._clock.now()))
        attributes = {
            "<aws.scheduler.schedule-arn>": resource.arn,
            "<aws.scheduler.scheduled-time>": format_event_time(scheduled),
            "<aws.scheduler.execution-id>": f"d{number:07x}-0000-4000-8000-{int(scheduled.timestamp()):012x}",
            "<aws.scheduler.attempt-number>": "1",
        }
        payload = str(target.get("Input", "{}"))
        for name, value in attributes.items():
            payload = payload.replace(name, value)
        queue = target.get("DeadLetterConfig", {}).get("Arn")
        attempts = RetryPolicy.from_properties(target.get("RetryPolicy"))
        self._delivery.send(PendingDelivery(str(target["Arn"]), payload, f"schedule {resource.name}", attempts, queue))


def next_due_time(schedule: TemplateResource, after: datetime) -> datetime:
    """Return when a schedule is next due after `after`, in UTC. Raises TwinError if it is never due."""
    due = next(_due_times(schedule, after), None)
    if due is None:
        raise TwinError(f"the schedule {schedule.name} is never due")
    return due


def _due_times(resource: TemplateResource, after: datetime) -> Iterator[datetime]:
    expression = schedule_expressions.parse_schedule(str(resource.properties["ScheduleExpression"]))
    zone = ZoneInfo(str(resource.properties.get("ScheduleExpressionTimezone", "UTC")))
    return expression.fire_times(after, zone)
