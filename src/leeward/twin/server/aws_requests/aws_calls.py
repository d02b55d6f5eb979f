"""Carries out one AWS call of a served client, through the same interception as a handler's calls."""

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
from leeward.twin.engine.scheduling.current_scheduler import current_scheduler
from leeward.twin.errors import NotSimulated
from leeward.twin.server.aws_requests.addressing import (
    AWS_HOST_PREFIX,
    AddressedRequest,
    UnknownRecipient,
    address_request,
)
from leeward.twin.server.aws_requests.cluster_endpoints import cluster_endpoint_host
from leeward.twin.server.transport.replies import aws_error_reply
from leeward.twin.server.transport.request_queue import ServerReply, ServerRequest

# Faults and outages affect only callers that have a name.
SERVED_CLIENT = "served client"
_CLUSTER, _CLUSTER_CONFIG = "route53-recovery-cluster", "route53-recovery-control-config"
_CLUSTER_URL = re.compile(rb"https://([a-z0-9-]+\.route53-recovery-cluster\.[a-z0-9-]+\.amazonaws\.com)")
_PARTITIONS = ("aws", "aws-cn", "aws-us-gov")


@lru_cache(maxsize=1)
def known_regions() -> frozenset[str]:
    """Return every Region that botocore knows."""
    session = boto3.Session()
    return frozenset(r for p in _PARTITIONS for r in session.get_available_regions("ec2", partition_name=p))


class AwsCallHandler:
    """Carries out the calls of one served world.

    `own_url` is the server's URL, without a slash at its end. `record_problem` is called with each defect.
    """

    def __init__(self, engine: Engine, own_url: str, record_problem: Callable[[BaseException], None]) -> None:
        self._engine, self._own_url, self._record_problem = engine, own_url, record_problem

    def answer(self, request: ServerRequest) -> ServerReply | None:
        """Carry out the call in a task of the simulation. It may wait.

        Return None if no response arrives and the connection must close. That is what a client sees of an unavailable
        Region or endpoint. Here every Region shares one port, so a connection cannot be refused. Closing it without a
        response is the nearest equivalent, and a client's retries treat both alike.
        """
        try:
            addressed = address_request(request, self._endpoint_url, known_regions())
        except UnknownRecipient as error:
            return aws_error_reply(error.status, error.code, str(error), error.protocol)
        current_scheduler().running_task.calling_function = SERVED_CLIENT
        try:
            response = self._engine.interceptor.send_attempt(
                botocore_stubber, addressed.botocore_event, _prepare_request(request, addressed)
            )
        except (NoConnection, HTTPClientError):
            return None
        except NotSimulated as error:
            return aws_error_reply(501, "NotSimulated", str(error), addressed.protocol)
        except ImportError as error:  # moto needs a package that is not installed
            message = f"{addressed.service.name}:{addressed.operation} is not simulated: {error}"
            return aws_error_reply(501, "NotSimulated", message, addressed.protocol)
        except Exception as error:  # moto or a simulated service has a defect, which must not end the world
            self._record_problem(error)
            message = f"the simulation of {addressed.service.name}:{addressed.operation} failed: {error!r}"
            return aws_error_reply(500, "InternalFailure", message, addressed.protocol)
        return self._to_reply(addressed, response)

    def _endpoint_url(self, service: str, region: str) -> str:
        if service == _CLUSTER:
            return f"https://{cluster_endpoint_host(self._engine.account, region)}/v1"
        return str(self._engine.client(service, region).meta.endpoint_url)

    def _to_reply(self, addressed: AddressedRequest, response: AWSResponse) -> ServerReply:
        headers = {str(name): str(value) for name, value in response.headers.items()}
        body: bytes = response.content
        if addressed.service.name == _CLUSTER_CONFIG:
            # A client reads the cluster's endpoints from this response, and calls them by their URLs.
            body = _CLUSTER_URL.sub(self._own_url.encode() + AWS_HOST_PREFIX.encode() + rb"\1", body)
        return ServerReply(response.status_code, headers, body)


def _prepare_request(request: ServerRequest, addressed: AddressedRequest) -> AWSPreparedRequest:
    headers = HTTPHeaders()
    for name, value in request.headers.items():
        if name not in ("host", "transfer-encoding"):
            headers[name] = value
    return AWSPreparedRequest(request.method, addressed.url, headers, request.body, stream_output=False)
