"""The parts of realistic time, and the random numbers that they draw from the seed."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, replace
from enum import StrEnum
from random import Random


class RealismPart(StrEnum):
    """One source of delay. The values appear in docs and in the names of tests."""

    API_LATENCY = "api-latency"
    """Every AWS call of a function takes time."""
    COLD_STARTS = "cold-starts"
    """A Lambda function without an idle execution environment starts one."""
    API_RATE_LIMITS = "api-rate-limits"
    """AWS throttles calls that come too fast."""
    STATUS_CHECKS = "status-checks"
    """A new EC2 instance is `initializing` for about two minutes."""
    HEALTH_CHECK_TIMING = "health-check-timing"
    """Health checks probe at their own times, wait for timeouts, and take effect with a delay."""
    DNS_PROPAGATION = "dns-propagation"
    """Route 53 answers from the old records until a change has propagated to all of its name servers."""
    RESOLVER_OVERRUN = "resolver-overrun"
    """Some resolvers keep DNS answers longer than their TTL."""
    KEPT_CONNECTIONS = "kept-connections"
    """Clients keep using an open connection after the DNS answer has changed."""
    REQUEST_TIMEOUTS = "request-timeouts"
    """A client whose request gets no response notices only when its timeout expires."""
    LAUNCH_BY_DISK_SIZE = "launch-by-disk-size"
    """Launching a server takes longer if its disks are larger."""
    TRIGGER_DELAY = "trigger-delay"
    """Metrics, alarms, events, and schedules arrive with a delay."""


@dataclass(frozen=True, slots=True)
class Realism:
    """The active parts of a simulation. All are active by default.

    `call_seconds` is how long each AWS call of a function takes. By default, it is drawn for each call.
    """

    parts: frozenset[RealismPart] = frozenset(RealismPart)
    call_seconds: float | None = None

    @classmethod
    def none(cls) -> Realism:
        """Return settings without any part, for tests of other behavior that expect exact times."""
        return cls(frozenset())

    def without(self, *parts: RealismPart) -> Realism:
        """Return these settings without `parts`."""
        return replace(self, parts=self.parts - frozenset(parts))

    def has(self, part: RealismPart) -> bool:
        """Return whether `part` is active."""
        return part in self.parts


class SeededDraws:
    """Random numbers by key. The n-th draw of a key depends only on the seed, the key, and n.

    An additional draw of one key therefore doesn't change the draws of another key.
    """

    def __init__(self, seed: int, topic: str) -> None:
        self._prefix = f"{seed}|{topic}"
        self._counts: Counter[str] = Counter()

    def uniform(self, key: str, low: float, high: float) -> float:
        """Return a number between `low` and `high`."""
        return self._generator(key).uniform(low, high)

    def long_tailed(self, key: str, median: float, spread: float) -> float:
        """Return a number of a log-normal distribution. `spread` is the standard deviation of its logarithm."""
        return median * math.exp(spread * self._generator(key).gauss(0, 1))

    def happens(self, key: str, probability: float) -> bool:
        """Return True with the given probability."""
        return self._generator(key).random() < probability

    def _generator(self, key: str) -> Random:
        self._counts[key] += 1
        return Random(f"{self._prefix}|{key}|{self._counts[key]}")  # noqa: S311 - reproducible on purpose
