"""The delays between a metric or a due time and the function that it invokes, drawn from the seed.

All times are in seconds. Sources:

- CloudWatch user guide, "Publish custom metrics": the statistics of a new metric can take up to two minutes. AWS
  documents no time for an existing metric, so the same time is assumed.
- Datadog, "Cloud metric delay": the one-minute metrics of AWS services are available after about two minutes. The
  alarms in public reports changed 52 seconds (serverfault.com/q/968465) to 3 minutes (stackoverflow.com/q/64045238)
  after the end of the minute of a load balancer's metric.
- CloudWatch user guide, "Alarm evaluation": an alarm with a period of a minute or more is evaluated every minute. When
  in the minute is assumed to be different for each alarm, and always the same for one alarm.
- stackoverflow.com/q/64045238: notifications arrived within seconds of an alarm's change. The exact times are assumed.
- bitesizedserverless.com, "Serverless messaging: latency compared": from PutEvents to an asynchronously invoked
  function, median 395 ms and 99th percentile 794 ms (September 2022), and 148 ms and 387 ms (February 2023). The
  slower measurement is used, for all targets.
- EventBridge user guide: a scheduled rule runs within its minute, but not on the precise 0th second.
- EventBridge Scheduler user guide, "Schedule types": a schedule invokes its target within 60 seconds.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from leeward.twin.events.alarms.metric_store import MetricId
from leeward.twin.realism.realism_settings import SeededDraws

_CUSTOM_METRIC = (5.0, 120.0)
_SERVICE_METRIC = (60.0, 120.0)
_ALARM_CHANGE = (1.0, 5.0)
_DELIVERY_MEDIAN, _DELIVERY_SPREAD = 0.395, 0.3
_SCHEDULED_RULE = _SCHEDULE = (0.0, 59.0)
# A rule with a rate fires at about the same second of each period. The variation is assumed.
_RATE_RULE = (0.0, 10.0)
# Without delays, all alarms are evaluated this long after the minute.
_COMMON_PHASE_SECONDS = 10
_MINUTE = 60


class TriggerDelays:
    """Draws the delays of one simulation. Without `active`, all delays are 0."""

    def __init__(self, seed: int, *, active: bool = True) -> None:
        self.active = active
        self._draws = SeededDraws(seed, "trigger delays")
        self._minutes: dict[MetricId, tuple[datetime, datetime]] = {}

    def metric_arrival(self, metric: MetricId, at: datetime) -> datetime:
        """Return when alarms see a data point of the time `at`.

        AWS services publish all data points of a minute at once, after the minute.
        """
        if not self.active:
            return at
        if not metric.namespace.startswith("AWS/"):
            return at + self._draw(f"metric {metric.region} {metric.namespace} {metric.name}", *_CUSTOM_METRIC)
        minute_end = at.replace(second=0, microsecond=0) + timedelta(minutes=1)
        known = self._minutes.get(metric)
        if known is None or known[0] != minute_end:
            delay = self._draw(f"metric {metric.region} {metric.namespace} {metric.name}", *_SERVICE_METRIC)
            self._minutes[metric] = known = (minute_end, minute_end + delay)
        return known[1]

    def alarm_phase(self, arn: str) -> int:
        """Return the second of each minute in which an alarm is evaluated."""
        if not self.active:
            return _COMMON_PHASE_SECONDS
        return int(self._draws.uniform(f"phase {arn}", 0, _MINUTE))

    def alarm_change(self, arn: str) -> float:
        """Return the time from an alarm's change to its event, or to the evaluation of a composite alarm."""
        return self._draws.uniform(f"alarm {arn}", *_ALARM_CHANGE) if self.active else 0

    def delivery(self, target: str) -> float:
        """Return the time from an event on a bus to the invocation of a target."""
        return self._draws.long_tailed(target, _DELIVERY_MEDIAN, _DELIVERY_SPREAD) if self.active else 0

    def scheduled_rule(self, arn: str, *, has_rate: bool) -> float:
        """Return how long after its due time a rule with a schedule fires."""
        return self._draws.uniform(arn, *(_RATE_RULE if has_rate else _SCHEDULED_RULE)) if self.active else 0

    def schedule(self, arn: str) -> float:
        """Return how long after its due time a schedule without a flexible window fires."""
        return self._draws.uniform(arn, *_SCHEDULE) if self.active else 0

    def _draw(self, key: str, low: float, high: float) -> timedelta:
        return timedelta(seconds=self._draws.uniform(key, low, high))
