"""Call the Regional endpoints of a routing-control cluster, in random order until one responds.

AWS recommends this. A cluster has five endpoints and works while two are down. Choose an endpoint at random, retry with
the others, and keep their URLs in configuration (Application Recovery Controller developer guide, "Best practices").
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, TypeVar

from pydantic import BaseModel, ConfigDict

from leeward.common.aws.clients import client
from leeward.common.errors import CredentialsExpired, RouteUnconfirmed, Transient

if TYPE_CHECKING:
    from mypy_boto3_route53_recovery_cluster import Route53RecoveryClusterClient

T = TypeVar("T")
_ROUNDS = 3
_PAUSE_SECONDS = 2.0
# An unavailable endpoint takes a connect timeout of 4 s or a read timeout of 10 s. No call starts after this limit, so
# that the last one ends within the 30 s of a task's call.
_TIME_LIMIT_SECONDS = 17.0


class ClusterEndpoint(BaseModel):
    """A cluster endpoint: its Region, for request signatures, and its URL."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    region: str
    url: str


class Deadline:
    """The time limit for all endpoint calls of one task."""

    def __init__(self, seconds: float = _TIME_LIMIT_SECONDS) -> None:
        self._ends = time.monotonic() + seconds

    @property
    def is_over(self) -> bool:
        return time.monotonic() >= self._ends


def cluster_client(endpoint: ClusterEndpoint) -> Route53RecoveryClusterClient:
    """Return a client for one endpoint. It doesn't retry, since the next attempt goes to another endpoint."""
    arc: Route53RecoveryClusterClient = client(
        "route53-recovery-cluster", endpoint.region, endpoint_url=endpoint.url, allow_retries=False
    )
    return arc


def call_any_endpoint(
    endpoints: Sequence[ClusterEndpoint],
    call: Callable[[Route53RecoveryClusterClient], T],
    deadline: Deadline,
    rounds: int = _ROUNDS,
) -> tuple[ClusterEndpoint, T]:
    """Run `call` with endpoints until one responds. Return that endpoint and the result.

    Every endpoint is tried once per round. After a transient error, the next endpoint is tried. A permanent error, such
    as a denied call or a safety rule, would be the same everywhere, so it is raised at once, as expired credentials
    are. Raises RouteUnconfirmed with every endpoint's error if none responds.
    """
    failures: dict[str, str] = {}
    for endpoint in _endpoints_to_try(endpoints, rounds, deadline):
        try:
            return endpoint, call(cluster_client(endpoint))
        except CredentialsExpired:
            raise  # they are the same everywhere, and the next invocation has new ones
        except Transient as error:
            failures[endpoint.region] = str(error)
    reasons = "; ".join(f"{region}: {reason}" for region, reason in sorted(failures.items()))
    raise RouteUnconfirmed(f"none of the {len(endpoints)} cluster endpoints answered: {reasons}")


def _endpoints_to_try(
    endpoints: Sequence[ClusterEndpoint], rounds: int, deadline: Deadline
) -> Iterator[ClusterEndpoint]:
    for round_number in range(rounds):
        if round_number:
            time.sleep(_PAUSE_SECONDS)
        for endpoint in random.sample(list(endpoints), len(endpoints)):
            if deadline.is_over:
                return
            yield endpoint
