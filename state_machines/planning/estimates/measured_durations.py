"""Durations measured by earlier runs: by step ID, in seconds, of successful attempts only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil

from leeward.state_machines.planning.estimates.duration_percentiles import DurationPercentiles

# With fewer runs, the slowest one is not a 95th percentile.
MIN_RUNS = 3


@dataclass(frozen=True, slots=True)
class MeasuredDurations:
    """Measured durations by step ID. `source` describes the runs for readers, such as `the last 5 runs`."""

    source: str
    steps: Mapping[str, Sequence[float]]

    def percentiles_of(self, step: str) -> DurationPercentiles | None:
        """Return the step's percentiles, or None when there are fewer than MIN_RUNS measurements."""
        seconds = sorted(self.steps.get(step, ()))
        if len(seconds) < MIN_RUNS:
            return None
        return DurationPercentiles(_nearest_rank(seconds, 0.5), _nearest_rank(seconds, 0.95))


def _nearest_rank(ordered: Sequence[float], share: float) -> float:
    """Return the percentile by nearest rank, so that the result is a measured duration and not an interpolation."""
    return ordered[max(0, ceil(share * len(ordered)) - 1)]
