"""The Regional endpoints of a routing-control cluster: any may be down, so each is tried, in random order.

AWS asks for just that: five endpoints that survive two of them being down; pick one at random, try the others, keep
them in configuration (Application Recovery Controller developer guide, "Best practices").
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, TypeVar

from pydantic import BaseModel, ConfigDict

from leeward.common.aws.clients import client
from leeward.common.errors import RouteUnconfirmed, Transient

if TYPE_CHECKING:
    from mypy_boto3_route53_recovery_cluster import Route53RecoveryClusterClient

T = TypeVar("T")
_ROUNDS = 3
_PAUSE_SECONDS = 2.0
# A dead endpoint costs a connect timeout of 5 s or a read timeout of 20 s. No new try is begun after this, so that the
# last one ends within the task's 60 s.
_TIME_LIMIT_SECONDS = 35.0


class ClusterEndpoint(BaseModel):
    """One of the cluster's endpoints: the Region it signs for, and its URL."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    region: str
    url: str


class Deadline:
    """When patience ends, over all calls of one task."""

    def __init__(self, seconds: float = _TIME_LIMIT_SECONDS) -> None:
        self._ends = time.monotonic() + seconds

    @property
    def is_over(self) -> bool:
        return time.monotonic() >= self._ends


def cluster_client(endpoint: ClusterEndpoint) -> Route53RecoveryClusterClient:
    """The client of one endpoint. It sends once: the next try goes to another endpoint, not to the same."""
    made: Route53RecoveryClusterClient = client(
        "route53-recovery-cluster", endpoint.region, endpoint_url=endpoint.url, allow_retries=False
    )
    return made


def call_any_endpoint(
    endpoints: Sequence[ClusterEndpoint],
    call: Callable[[Route53RecoveryClusterClient], T],
    deadline: Deadline,
    rounds: int = _ROUNDS,
) -> tuple[ClusterEndpoint, T]:
    """Do something at the first endpoint that answers; which one, and its answer.

    Every endpoint is tried once per round. A transient error moves on to the next endpoint; a permanent one (denied, a
    safety rule) is the same everywhere and is raised at once. Raises RouteUnconfirmed telling every endpoint's failure.
    """
    failures: dict[str, str] = {}
    for endpoint in _endpoints_to_try(endpoints, rounds, deadline):
        try:
            return endpoint, call(cluster_client(endpoint))
        except Transient as error:
            failures[endpoint.region] = str(error)
    told = "; ".join(f"{region}: {why}" for region, why in sorted(failures.items()))
    raise RouteUnconfirmed(f"none of the {len(endpoints)} cluster endpoints answered: {told}")


def _endpoints_to_try(
    endpoints: Sequence[ClusterEndpoint], rounds: int, deadline: Deadline
) -> Iterator[ClusterEndpoint]:
    for number in range(rounds):
        if number:
            time.sleep(_PAUSE_SECONDS)
        for endpoint in random.sample(list(endpoints), len(endpoints)):
            if deadline.is_over:
                return
            yield endpoint
