"""The rate limits of AWS APIs, as token buckets per account and Region.

Each call takes a token from every bucket that applies to it, and is throttled if one is empty. Sources:

- EC2: Amazon EC2 Developer Guide, "Request throttling for the Amazon EC2 API". A `Describe` call without filters and
  pagination uses a smaller bucket.
- Elastic Load Balancing: user guide, "Request throttling for the Elastic Load Balancing API".
- Route 53: developer guide, "Quotas": five requests per second per account.
- ARC routing controls: developer guide, "Quotas": three changing calls per second per cluster endpoint. The limit of
  reading calls is assumed.
- DRS: AWS documents that calls are throttled (ThrottlingException in the service model), but no rates. Assumed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

_READS = re.compile(r"(Describe|List|Get|Search)")
_SMALLER_IF_UNFILTERED = {
    "DescribeInstances",
    "DescribeInstanceStatus",
    "DescribeNetworkInterfaces",
    "DescribeSecurityGroups",
    "DescribeSnapshots",
    "DescribeSpotInstanceRequests",
    "DescribeVolumes",
}
_PAGINATION_OR_FILTER = ("Filters", "MaxResults", "NextToken")
_REGISTRATION = {"RegisterTargets", "DeregisterTargets"}


@dataclass(frozen=True, slots=True)
class RateLimit:
    """The limit of a bucket: `capacity` tokens, refilled with `per_second` tokens a second."""

    capacity: float
    per_second: float


# EC2's actions with buckets of their own, of those that Leeward's tasks call.
_EC2_ACTIONS = {
    "RunInstances": RateLimit(5, 2),
    "StartInstances": RateLimit(5, 2),
    "TerminateInstances": RateLimit(100, 5),
    "CreateTags": RateLimit(100, 10),
    "DeleteTags": RateLimit(100, 10),
    "ModifyLaunchTemplate": RateLimit(100, 5),
    "CreateLaunchTemplateVersion": RateLimit(100, 5),
    "ModifyNetworkInterfaceAttribute": RateLimit(100, 5),
    "ModifyInstanceMetadataOptions": RateLimit(100, 5),
}
_EC2_READ, _EC2_UNFILTERED, _EC2_CHANGE = RateLimit(100, 20), RateLimit(50, 10), RateLimit(50, 5)
_ELB_ACCOUNT, _ELB_READ = RateLimit(40, 10), RateLimit(40, 10)
_ELB_REGISTRATION, _ELB_CHANGE = RateLimit(20, 4), RateLimit(20, 3)
_ROUTE53 = RateLimit(5, 5)
_ARC_CHANGE = RateLimit(3, 3)
_ARC_READ = RateLimit(10, 10)
_DRS_READ, _DRS_CHANGE = RateLimit(20, 5), RateLimit(10, 2)


@dataclass(frozen=True, slots=True)
class ApiCall:
    """A call to `service` in `region`. `host` is its endpoint: ARC limits calls per endpoint."""

    region: str
    host: str
    service: str
    operation: str
    parameters: Mapping[str, Any]

    @property
    def limited_place(self) -> str:
        """Return what has buckets of its own: a Region, or an endpoint of an ARC cluster."""
        return self.host if self.service == "route53-recovery-cluster" else self.region


@dataclass(slots=True)
class _Bucket:
    limit: RateLimit
    tokens: float
    filled_at: datetime

    def refill(self, now: datetime) -> None:
        elapsed = (now - self.filled_at).total_seconds()
        self.tokens = min(self.limit.capacity, self.tokens + elapsed * self.limit.per_second)
        self.filled_at = now


class ApiRateLimits:
    """The buckets of one account."""

    def __init__(self) -> None:
        self._buckets: dict[str, _Bucket] = {}

    def take_token(self, call: ApiCall, now: datetime) -> bool:
        """Take the tokens of one call. Return False, and take none, if AWS throttles the call."""
        buckets = [
            self._find_bucket(f"{call.limited_place}|{call.service}|{name}", limit, now)
            for name, limit in _limits_of(call)
        ]
        if any(bucket.tokens < 1 for bucket in buckets):
            return False
        for bucket in buckets:
            bucket.tokens -= 1
        return True

    def _find_bucket(self, name: str, limit: RateLimit, now: datetime) -> _Bucket:
        bucket = self._buckets.setdefault(name, _Bucket(limit, limit.capacity, now))
        bucket.refill(now)
        return bucket


def _limits_of(call: ApiCall) -> Iterator[tuple[str, RateLimit]]:
    """Yield the name and the limit of each bucket that applies to a call."""
    reads = _READS.match(call.operation) is not None
    match call.service:
        case "ec2":  # each action has its own bucket
            category = _ec2_category(call) if reads else _EC2_CHANGE
            suffix = " unfiltered" if category is _EC2_UNFILTERED else ""
            yield call.operation + suffix, _EC2_ACTIONS.get(call.operation, category)
        case "elbv2":
            yield "account", _ELB_ACCOUNT
            if call.operation in _REGISTRATION:
                yield "registration", _ELB_REGISTRATION
            else:
                yield ("read", _ELB_READ) if reads else ("change", _ELB_CHANGE)
        case "route53":
            yield "account", _ROUTE53
        case "route53-recovery-cluster":
            yield ("read", _ARC_READ) if reads else ("change", _ARC_CHANGE)
        case "drs":
            yield ("read", _DRS_READ) if reads else ("change", _DRS_CHANGE)


def _ec2_category(call: ApiCall) -> RateLimit:
    is_unfiltered = not any(name in call.parameters for name in _PAGINATION_OR_FILTER)
    return _EC2_UNFILTERED if call.operation in _SMALLER_IF_UNFILTERED and is_unfiltered else _EC2_READ
