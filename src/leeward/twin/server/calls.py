"""One AWS call of a served client: addressed, sent over the same wire as a handler's, and answered."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

import boto3
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.compat import HTTPHeaders
from botocore.exceptions import ConnectionError as NoConnection
from botocore.exceptions import HTTPClientError
from moto.core.models import botocore_stubber

from leeward.twin.engine import Engine
from leeward.twin.engine.baton import current
from leeward.twin.errors import NotSimulated
from leeward.twin.server.addressing import AT_HOST, Addressed, Unaddressed, address
from leeward.twin.server.answers import aws_error
from leeward.twin.server.clusters import host_for
from leeward.twin.server.mailbox import Reply, Request

# Faults and darkness strike whoever has a name on the wire.
CLIENT = "served client"
_CLUSTER, _CLUSTER_CONFIG = "route53-recovery-cluster", "route53-recovery-control-config"
_CLUSTER_URL = re.compile(rb"https://([a-z0-9-]+\.route53-recovery-cluster\.[a-z0-9-]+\.amazonaws\.com)")
_PARTITIONS = ("aws", "aws-cn", "aws-us-gov")


@lru_cache(maxsize=1)
def regions() -> frozenset[str]:
    """Every Region that botocore knows."""
    session = boto3.Session()
    return frozenset(r for p in _PARTITIONS for r in session.get_available_regions("ec2", partition_name=p))


class Calls:
    """Carries out the calls of one served world. `own_url` is the server's, without a slash at its end; `note` is
    told of defects."""

    def __init__(self, engine: Engine, own_url: str, note: Callable[[BaseException], None]) -> None:
        self._engine, self._own_url, self._note = engine, own_url, note

    def answer(self, request: Request) -> Reply | None:
        """Within a task of the simulation; it may wait. None: no answer ever comes, the connection breaks.

        That is what a client sees of a dark Region or a dead endpoint. Here every Region shares one port, so its
        connection cannot be refused; one that is closed without an answer is as close as it gets, and a client's
        retries treat both alike.
        """
        try:
            addressed = address(request, self._endpoint, regions())
        except Unaddressed as error:
            return aws_error(error.status, error.code, str(error), error.protocol)
        current().holder.caller = CLIENT
        try:
            answered = self._engine.wire.send(botocore_stubber, addressed.event, _prepared(request, addressed))
        except (NoConnection, HTTPClientError):
            return None
        except NotSimulated as error:
            return aws_error(501, "NotSimulated", str(error), addressed.protocol)
        except ImportError as error:  # moto simulates it with the help of what is not installed here
            message = f"{addressed.known.name}:{addressed.operation} is not simulated: {error}"
            return aws_error(501, "NotSimulated", message, addressed.protocol)
        except Exception as error:  # moto, or a simulated service, is at fault: that must not end the world
            self._note(error)
            message = f"the simulation of {addressed.known.name}:{addressed.operation} failed: {error!r}"
            return aws_error(500, "InternalFailure", message, addressed.protocol)
        return self._reply(addressed, answered)

    def _endpoint(self, service: str, region: str) -> str:
        if service == _CLUSTER:
            return f"https://{host_for(self._engine.account, region)}/v1"
        return str(self._engine.client(service, region).meta.endpoint_url)

    def _reply(self, addressed: Addressed, answered: AWSResponse) -> Reply:
        headers = {str(name): str(value) for name, value in answered.headers.items()}
        body: bytes = answered.content
        if addressed.known.name == _CLUSTER_CONFIG:
            # A client takes the cluster's endpoints from here and calls them by their own URLs.
            body = _CLUSTER_URL.sub(self._own_url.encode() + AT_HOST.encode() + rb"\1", body)
        return Reply(answered.status_code, headers, body)


def _prepared(request: Request, addressed: Addressed) -> AWSPreparedRequest:
    headers = HTTPHeaders()
    for name, value in request.headers.items():
        if name not in ("host", "transfer-encoding"):
            headers[name] = value
    return AWSPreparedRequest(request.method, addressed.url, headers, request.body, stream_output=False)
