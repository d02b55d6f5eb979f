"""Outages of one AWS service in one Region: every API call to it fails, with the service's own error.

Only API calls fail. DNS answers, health checks, load balancers, and other data planes that aren't reached through the
API keep working. The same applies to calls that don't use botocore, such as those to a presigned URL.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from leeward.twin.interception.calls.operation_names import resolve_service
from leeward.twin.interception.faults.fault_rules import FaultKind

SERVICE_FAULTS = {
    "server-error": FaultKind.SERVER_ERROR,
    "throttled": FaultKind.THROTTLED,
    "denied": FaultKind.ACCESS_DENIED,
    "black-hole": FaultKind.CONNECTION_TIMED_OUT,
}
"""How a service can fail, by the name in scenarios. With `black-hole`, each call hangs until the connect timeout."""


@dataclass(slots=True)
class ServiceOutage:
    """An outage of `service` in `region` (None: in every Region), from `start` to `end` (None: for good).

    `service` is boto3's name or IAM's prefix. The service of ARC's cluster endpoints, `route53-recovery-cluster`, fails
    in the Region of the endpoint. `met` counts the calls that failed. Raises UnknownService.
    """

    service: str
    region: str | None
    fault: FaultKind
    start: datetime
    end: datetime | None = None
    met: int = 0

    def __post_init__(self) -> None:
        self.service = resolve_service(self.service)
        if self.fault not in SERVICE_FAULTS.values():
            raise ValueError(f"a whole service can't fail as {self.fault}; use one of {', '.join(SERVICE_FAULTS)}")
        if self.end is not None and self.end <= self.start:
            raise ValueError("the outage of a service must end after it starts")

    def end_by(self, at: datetime) -> None:
        """End the outage at `at`, unless it ends earlier."""
        self.end = at if self.end is None else min(self.end, at)

    def affects(self, service: str, region: str, at: datetime) -> bool:
        """Return whether calls to `service` in `region` fail at `at`. `service` is boto3's name."""
        is_active = self.start <= at and (self.end is None or at < self.end)
        return is_active and service == self.service and self.region in (None, region)


class ServiceOutages:
    """All outages of services."""

    def __init__(self) -> None:
        self._outages: list[ServiceOutage] = []

    def add(self, outage: ServiceOutage) -> None:
        """Add an outage. When several outages affect a call, the first one decides."""
        self._outages.append(outage)

    def list_outages(self) -> list[ServiceOutage]:
        """Return all outages, past and future ones included."""
        return list(self._outages)

    def find_fault(self, service: str, region: str, at: datetime) -> FaultKind | None:
        """Return how a call to `service` in `region` fails at `at`, or None. `service` is boto3's name."""
        outage = next((each for each in self._outages if each.affects(service, region, at)), None)
        if outage is None:
            return None
        outage.met += 1
        return outage.fault
