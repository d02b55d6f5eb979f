"""Durations that runs have measured: by step id, in seconds, those of attempts that ended well."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil

from leeward.state_machines.planning.default_durations import DurationPercentiles

# Of fewer, the slowest is no 95th percentile.
MIN_RUNS = 3


@dataclass(frozen=True, slots=True)
class MeasuredDurations:
    """`source` says whose they are, for people: `the last 5 runs`."""

    source: str
    steps: Mapping[str, Sequence[float]]

    def percentiles_of(self, step: str) -> DurationPercentiles | None:
        """The step's own, where there are enough of them."""
        found = sorted(self.steps.get(step, ()))
        if len(found) < MIN_RUNS:
            return None
        return DurationPercentiles(_nearest_rank(found, 0.5), _nearest_rank(found, 0.95))


def _nearest_rank(ordered: Sequence[float], share: float) -> float:
    """The nearest rank: a duration that was measured, not one in between."""
    return ordered[max(0, ceil(share * len(ordered)) - 1)]
