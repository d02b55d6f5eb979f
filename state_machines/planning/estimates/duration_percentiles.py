"""The median and the 95th percentile of a duration."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DurationPercentiles:
    """The median and the 95th percentile of a duration, in seconds."""

    p50: float
    p95: float

    def capped_at(self, seconds: float) -> DurationPercentiles:
        """Return the percentiles limited to a step's timeout."""
        return DurationPercentiles(min(self.p50, seconds), min(self.p95, seconds))
