"""Stores CloudWatch data points, and computes the statistic of a period."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TypeAlias

Dimensions: TypeAlias = frozenset[tuple[str, str]]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# An alarm looks back one day at most. Older data points are dropped.
_RETENTION = timedelta(days=1, hours=1)


@dataclass(frozen=True, slots=True)
class MetricId:
    """One metric of one Region."""

    region: str
    namespace: str
    name: str
    dimensions: Dimensions = frozenset()

    @classmethod
    def from_dimensions(cls, region: str, namespace: str, name: str, dimensions: Mapping[str, str]) -> MetricId:
        return cls(region, namespace, name, frozenset(dimensions.items()))


@dataclass(slots=True)
class MetricStore:
    """All data points of the account. `arrival` returns when alarms see a data point of a metric and a time."""

    arrival: Callable[[MetricId, datetime], datetime] = lambda _metric, at: at
    _datapoints: dict[MetricId, list[tuple[datetime, datetime, float]]] = field(default_factory=dict)

    def put_datapoint(self, metric: MetricId, at: datetime, value: float) -> None:
        """Store a data point. Call it in order of time. `arrival` decides when alarms see the data point."""
        datapoints = self._datapoints.setdefault(metric, [])
        datapoints.append((at, self.arrival(metric, at), value))
        while datapoints[0][0] < at - _RETENTION:
            datapoints.pop(0)

    def statistic(
        self, metric: MetricId, begin: datetime, seconds: int, statistic: str, *, seen_at: datetime
    ) -> float | None:
        """Return the statistic over `seconds` from `begin`, or None without data points that have arrived at `seen_at`.

        Raises ValueError for a statistic that is not simulated.
        """
        end = begin + timedelta(seconds=seconds)
        datapoints = self._datapoints.get(metric, ())
        values = [value for at, arrived_at, value in datapoints if begin <= at < end and arrived_at <= seen_at]
        if not values:
            return None
        match statistic:
            case "Sum":
                return sum(values)
            case "Average":
                return sum(values) / len(values)
            case "Maximum":
                return max(values)
            case "Minimum":
                return min(values)
            case "SampleCount":
                return float(len(values))
        raise ValueError(f"the statistic {statistic} is not simulated")


def period_start_before(moment: datetime, seconds: int, number: int) -> datetime:
    """Return the start of the `number`th whole period before `moment`. 1 is the last period that has ended."""
    elapsed = int((moment - _EPOCH).total_seconds()) % seconds
    period_start = moment.replace(microsecond=0) - timedelta(seconds=elapsed)
    return period_start - timedelta(seconds=seconds * number)
