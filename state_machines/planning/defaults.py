"""How long a step of each kind takes where no run has measured it: the median and the 95th percentile, in seconds.

Stated, not measured on AWS. DRS needs about ten minutes to convert and launch a small Linux server, and half an hour or
more to replicate its disk back (the DRS user guide gives no figure; these come from people's reports, and grow with
the disk). The rest follows from the services' own intervals: a health check's threshold, a record's INSYNC. A drill, or
`leeward plan --journals` once there was one, is worth more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

_MINUTE = 60


@dataclass(frozen=True, slots=True)
class Span:
    """How long something takes, in seconds."""

    p50: float
    p95: float

    def at_most(self, seconds: float) -> Span:
        """Cut off where a step's own time is over."""
        return Span(min(self.p50, seconds), min(self.p95, seconds))


STATED: Final[Mapping[str, Span]] = {
    "alb.deregister": Span(45, 5 * _MINUTE),
    "alb.register": Span(_MINUTE, 3 * _MINUTE),
    "api.fence": Span(5, 30),
    "api.in_service": Span(5, 30),
    "api.out_of_service": Span(5, 30),
    "api.transaction": Span(20, 2 * _MINUTE),
    "api.unfence": Span(5, 30),
    "approval.request": Span(2 * _MINUTE, 10 * _MINUTE),
    "arc.route": Span(3, 20),
    "drs.await_replication": Span(40 * _MINUTE, 120 * _MINUTE),
    "drs.discard": Span(30, 2 * _MINUTE),
    "drs.fail_back": Span(12 * _MINUTE, 20 * _MINUTE),
    "drs.launch_into": Span(12 * _MINUTE, 20 * _MINUTE),
    "drs.protect": Span(3, 15),
    "drs.recover": Span(12 * _MINUTE, 20 * _MINUTE),
    "drs.recovery_plan": Span(20 * _MINUTE, 40 * _MINUTE),
    "drs.retire": Span(5 * _MINUTE, 15 * _MINUTE),
    "drs.reverse": Span(30, 3 * _MINUTE),
    "drs.terminate": Span(2 * _MINUTE, 5 * _MINUTE),
    "dynamodb.await_replication": Span(5, _MINUTE),
    "dynamodb.check_replicas": Span(3, 10),
    "ec2.terminate": Span(_MINUTE, 3 * _MINUTE),
    "http.check": Span(15, _MINUTE),
    "lambda.invoke": Span(5, _MINUTE),
    "lock": Span(1, 5),
    "notify": Span(1, 5),
    "preflight": Span(5, 20),
    "route53.shift": Span(0, 0),  # its bake times are in the document
    "route53.weights": Span(45, 2 * _MINUTE),
    "wait": Span(0, 0),  # its time is in the document
}
