"""Default durations of each step kind, for steps that no run has measured: median and 95th percentile, in seconds.

These are assumptions, not AWS measurements. DRS needs about ten minutes to convert and launch a small Linux server, and
half an hour or more to replicate its disk back. (The DRS user guide has no figures. These come from user reports, and
grow with the disk.) The others follow from the services' own intervals, such as a health check's threshold or a
record's INSYNC. A drill, or `leeward plan --journals` after one, gives better figures.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

_MINUTE = 60


@dataclass(frozen=True, slots=True)
class DurationPercentiles:
    """The median and the 95th percentile of a duration, in seconds."""

    p50: float
    p95: float

    def capped_at(self, seconds: float) -> DurationPercentiles:
        """Return the percentiles limited to a step's timeout."""
        return DurationPercentiles(min(self.p50, seconds), min(self.p95, seconds))


DEFAULT_DURATIONS: Final[Mapping[str, DurationPercentiles]] = {
    "alb.deregister": DurationPercentiles(45, 5 * _MINUTE),
    "alb.register": DurationPercentiles(_MINUTE, 3 * _MINUTE),
    "api.fence": DurationPercentiles(5, 30),
    "api.in_service": DurationPercentiles(5, 30),
    "api.out_of_service": DurationPercentiles(5, 30),
    "api.transaction": DurationPercentiles(20, 2 * _MINUTE),
    "api.unfence": DurationPercentiles(5, 30),
    "approval.request": DurationPercentiles(2 * _MINUTE, 10 * _MINUTE),
    "arc.route": DurationPercentiles(3, 20),
    "drs.await_replication": DurationPercentiles(40 * _MINUTE, 120 * _MINUTE),
    "drs.discard": DurationPercentiles(30, 2 * _MINUTE),
    "drs.fail_back": DurationPercentiles(12 * _MINUTE, 20 * _MINUTE),
    "drs.launch_into": DurationPercentiles(12 * _MINUTE, 20 * _MINUTE),
    "drs.protect": DurationPercentiles(3, 15),
    "drs.recover": DurationPercentiles(12 * _MINUTE, 20 * _MINUTE),
    "drs.recovery_plan": DurationPercentiles(20 * _MINUTE, 40 * _MINUTE),
    "drs.retire": DurationPercentiles(5 * _MINUTE, 15 * _MINUTE),
    "drs.reverse": DurationPercentiles(30, 3 * _MINUTE),
    "drs.terminate": DurationPercentiles(2 * _MINUTE, 5 * _MINUTE),
    "dynamodb.await_replication": DurationPercentiles(5, _MINUTE),
    "dynamodb.check_replicas": DurationPercentiles(3, 10),
    "ec2.terminate": DurationPercentiles(_MINUTE, 3 * _MINUTE),
    "http.check": DurationPercentiles(15, _MINUTE),
    "lambda.invoke": DurationPercentiles(5, _MINUTE),
    "lock": DurationPercentiles(1, 5),
    "notify": DurationPercentiles(1, 5),
    "preflight": DurationPercentiles(5, 20),
    "route53.shift": DurationPercentiles(0, 0),  # its bake times are in the document
    "route53.weights": DurationPercentiles(45, 2 * _MINUTE),
    "wait": DurationPercentiles(0, 0),  # its time is in the document
}
