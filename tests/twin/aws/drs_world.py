"""A clock that a test turns by hand, and a world of one application on it."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from random import Random
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from leeward.twin.aws.drs import DrsQuotas, DrsSimulator, DrsTimings, SourceServer
from leeward.twin.aws.service_framework.backend_hooks import BackendHooks

START = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
A, B = "us-east-1", "us-west-2"
ONCE = Config(retries={"total_max_attempts": 1})


class ManualClock:
    """Stands still until `forward`; then runs what falls due, in order of time."""

    def __init__(self) -> None:
        self._now = START
        self._queue: list[tuple[datetime, int, Callable[[], None]]] = []
        self._count = itertools.count()

    def now(self) -> datetime:
        return self._now

    def later(self, seconds: float, fn: Callable[[], None], name: str) -> None:
        heapq.heappush(self._queue, (self._now + timedelta(seconds=seconds), next(self._count), fn))

    def advance(self, **span: float) -> None:
        """`forward(minutes=5)`."""
        end = self._now + timedelta(**span)
        while self._queue and self._queue[0][0] <= end:
            self._now, _, fn = heapq.heappop(self._queue)
            fn()
        self._now = end


class DrsTestWorld:
    """Two Regions: A is replicated into B. Inside mock_aws only."""

    def __init__(self, seed: int = 7, quotas: DrsQuotas | None = None, timings: DrsTimings | None = None) -> None:
        self.clock = ManualClock()
        self.drs = DrsSimulator(
            BackendHooks(self.clock.now, self.clock.later, Random(seed)), quotas=quotas, timings=timings
        )
        self.drs.initialise_region(A)
        self.drs.initialise_region(B)
        self.a = client("drs", A)
        self.b = client("drs", B)

    def protect(self, name: str = "db", **options: Any) -> SourceServer:
        """A server of A, replicated into B."""
        instance_id = client("ec2", A).run_instances(ImageId="ami-12345678", MinCount=1, MaxCount=1)["Instances"][0][
            "InstanceId"
        ]
        return self.drs.add_source_server(B, name, A, instance_id, tags={"Role": name}, **options)

    def start(self, *servers: SourceServer, api: Any = None, **options: Any) -> str:
        """Starts a recovery and answers the job's id."""
        wanted = [{"sourceServerID": s.server_id} for s in servers]
        return str((api or self.b).start_recovery(sourceServers=wanted, **options)["job"]["jobID"])

    def recover(self, *servers: SourceServer, api: Any = None, **options: Any) -> dict[str, Any]:
        """A recovery to its end."""
        job_id = self.start(*servers, api=api, **options)
        self.clock.advance(minutes=30)
        return self.job(job_id, api)

    def job(self, job_id: str, api: Any = None) -> dict[str, Any]:
        (job,) = (api or self.b).describe_jobs(filters={"jobIDs": [job_id]})["items"]
        return dict(job)

    def log(self, job_id: str, api: Any = None) -> list[dict[str, Any]]:
        return list((api or self.b).describe_job_log_items(jobID=job_id)["items"])

    def server(self, server_id: str, api: Any = None) -> dict[str, Any]:
        (server,) = (api or self.b).describe_source_servers(filters={"sourceServerIDs": [server_id]})["items"]
        return dict(server)

    def replication(self, server: SourceServer) -> dict[str, Any]:
        return dict(self.server(server.server_id)["dataReplicationInfo"])

    def instance(self, server_id: str, api: Any = None) -> dict[str, Any]:
        """The recovery instance of a server."""
        found = (api or self.b).describe_recovery_instances(filters={"sourceServerIDs": [server_id]})["items"]
        (instance,) = found
        return dict(instance)


@cache
def client(service: str, region: str, **options: Any) -> Any:
    """A client that does not repeat calls: a test wants to see the first answer. Made once for all tests."""
    return boto3.client(service, region_name=region, config=ONCE, **options)  # type: ignore[call-overload]


def error_member(error: ClientError, name: str) -> object:
    """A member of a modelled error, beside its code and message."""
    return dict(error.response).get(name)


def error_code(error: ClientError) -> str:
    return str(error.response["Error"]["Code"])
