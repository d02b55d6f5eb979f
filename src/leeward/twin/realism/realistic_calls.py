"""How long each AWS call of a function takes, whether AWS throttles it, and how long one without a response hangs."""

from __future__ import annotations

from datetime import datetime, timedelta

from leeward.base.client_timeouts import CONNECT_SECONDS
from leeward.twin.realism.api_rate_limits import ApiCall, ApiRateLimits
from leeward.twin.realism.call_latency import CallLatency
from leeward.twin.realism.realism_settings import Realism, RealismPart, SeededDraws


class RealisticCalls:
    """The latency, the rate limits, and the timeouts of one simulation. Each is off without its realism part.

    `connect_timeout` is how long a call hangs whose connection is neither accepted nor refused.
    """

    def __init__(self, realism: Realism, seed: int) -> None:
        has_latency, has_limits = realism.has(RealismPart.API_LATENCY), realism.has(RealismPart.API_RATE_LIMITS)
        self._call_seconds = realism.call_seconds
        self._latency = CallLatency(SeededDraws(seed, "latency")) if has_latency else None
        self._rate_limits = ApiRateLimits() if has_limits else None
        has_timeouts = realism.has(RealismPart.REQUEST_TIMEOUTS)
        self.connect_timeout = timedelta(seconds=CONNECT_SECONDS if has_timeouts else 0)

    def latency_seconds(self, caller_region: str, region: str, service: str, operation: str) -> float:
        """Return how long a call from `caller_region` to `service` in `region` takes."""
        if self._call_seconds is not None:
            return self._call_seconds
        return self._latency.draw_seconds(caller_region, region, service, operation) if self._latency else 0.0

    def is_throttled(self, call: ApiCall, now: datetime) -> bool:
        """Count a call, and return whether AWS throttles it."""
        return self._rate_limits is not None and not self._rate_limits.take_token(call, now)
