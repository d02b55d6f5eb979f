"""When Route 53 health checks probe, how long a probe lasts, and when a changed status affects DNS answers."""

from __future__ import annotations

from datetime import timedelta

from leeward.twin.realism.realism_settings import Realism, RealismPart, SeededDraws

# Amazon Route 53 Developer Guide, "How Amazon Route 53 determines whether a health check is healthy": a checker must
# connect to an HTTP or HTTPS endpoint within four seconds, and the endpoint must respond within two seconds after that.
CONNECT_TIMEOUT, RESPONSE_TIMEOUT = timedelta(seconds=4), timedelta(seconds=2)
# A failed Region may accept connections and then not respond. A probe of it therefore lasts as long as it can.
PROBE_TIMEOUT = CONNECT_TIMEOUT + RESPONSE_TIMEOUT
# Assumed: the shortest and the longest time from a changed status until DNS answers follow it. AWS publishes no figure.
_SHORTEST_PUBLICATION, LONGEST_PUBLICATION = timedelta(seconds=1), timedelta(seconds=5)
# Health checks are simulated once a second. A probe starts at most this long after it is due.
CHECK_PERIOD = timedelta(seconds=1)
_CHECKERS = 5


class HealthCheckTiming:
    """The drawn times of health checks.

    Without `RealismPart.HEALTH_CHECK_TIMING`, one checker probes each endpoint at once, and all delays are zero.
    """

    def __init__(self, realism: Realism, draws: SeededDraws) -> None:
        self._is_active = realism.has(RealismPart.HEALTH_CHECK_TIMING)
        self._draws = draws

    def draw_first_delays(self, health_check_id: str, interval: timedelta) -> list[timedelta]:
        """Return the time until the first probe of each checker.

        The checkers are in different locations and don't coordinate. Each of them probes in its own part of the
        interval, at a drawn time.
        """
        if not self._is_active:
            return [timedelta()]
        part = interval / _CHECKERS
        return [part * (number + self._draws.uniform(f"{health_check_id} phase", 0, 1)) for number in range(_CHECKERS)]

    def draw_publication_delay(self, health_check_id: str) -> timedelta:
        """Return the time until DNS answers follow a changed status."""
        if not self._is_active:
            return timedelta()
        shortest, longest = _SHORTEST_PUBLICATION.total_seconds(), LONGEST_PUBLICATION.total_seconds()
        return timedelta(seconds=self._draws.uniform(f"{health_check_id} publication", shortest, longest))


def longest_detection(interval: timedelta, threshold: int) -> timedelta:
    """Return the longest time from an endpoint's failure until DNS answers follow it.

    A probe that was sent just before the failure can still pass. Then `threshold` probes of each checker fail, each
    after the interval.
    """
    return RESPONSE_TIMEOUT + threshold * (interval + CHECK_PERIOD + PROBE_TIMEOUT) + LONGEST_PUBLICATION
