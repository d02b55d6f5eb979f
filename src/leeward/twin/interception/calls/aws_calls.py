"""The target of an AWS call, and the record of each attempt with its outcome."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from urllib.parse import urlsplit

import botocore.loaders
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.utils import EVENT_ALIASES

_CREDENTIAL_SCOPE = re.compile(r"Credential=[^/]+/\d{8}/([^/]+)/([^/]+)/aws4_request")
_CLUSTER_HOST = re.compile(r"[^.]+\.route53-recovery-cluster\.([a-z0-9-]+)\.amazonaws\.com(\.cn)?")
_HOST_REGION = re.compile(r"\.([a-z]{2}(?:-[a-z]+)+-\d)\.")
_ERROR_CODE = re.compile(rb"<Code>([^<]+)</Code>|\"__type\"\s*:\s*\"(?:[^\"#]*#)?([^\"]+)\"")
# https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
_INVOCATION_ID_HEADER = "amz-sdk-invocation-id"
OK = "ok"
_FIRST_ERROR_STATUS = 300


@dataclass(frozen=True, slots=True)
class AwsCall:
    """One attempt of an AWS call.

    `operation` has the form `drs:StartRecovery`, and `service` is boto3's name. `outcome` is `ok`, AWS's error code, or
    the name of the injected fault. `state` is the state that invoked the calling function, or an empty string.
    """

    at: datetime
    caller: str | None
    region: str
    service: str
    operation: str
    outcome: str
    state: str = ""


@dataclass(frozen=True, slots=True)
class CallTarget:
    """The target of a request. `api_call` is the SDK's ID of the client's call, the same in each of its attempts."""

    service: str
    operation: str
    region: str
    host: str
    api_call: str = ""

    @property
    def name(self) -> str:
        """Return the name of the call, such as `drs:StartRecovery`."""
        return f"{self.service}:{self.operation}"


def parse_target(event_name: str, request: AWSPreparedRequest) -> CallTarget:
    """Return the target from botocore's event (`before-send.<service id>.<Operation>`) and the signed request.

    The Region is that of the SigV4 credential scope, so a call to the control plane of Route 53 or IAM is a call to
    us-east-1. ARC's cluster endpoints are the exception. Their host names one of the five Regions, while the signature
    may name another.
    """
    _, service_id, operation = event_name.split(".", 2)
    host = urlsplit(request.url).hostname or ""
    return CallTarget(
        to_boto3_name(service_id),
        operation,
        _find_region(host, request),
        host,
        _header_text(request, _INVOCATION_ID_HEADER),
    )


def _header_text(request: AWSPreparedRequest, header: str) -> str:
    value = request.headers.get(header, "")
    return value.decode() if isinstance(value, bytes) else str(value)


def _find_region(host: str, request: AWSPreparedRequest) -> str:
    if cluster := _CLUSTER_HOST.fullmatch(host):
        return cluster.group(1)
    if scope := _CREDENTIAL_SCOPE.search(_header_text(request, "Authorization")):
        return scope.group(1)
    in_host = _HOST_REGION.search(host)
    return in_host.group(1) if in_host else "us-east-1"


@lru_cache(maxsize=1)
def _boto3_names() -> dict[str, str]:
    services = set(botocore.loaders.Loader().list_available_services("service-2"))
    return {event: alias for alias, event in EVENT_ALIASES.items() if alias in services}


def to_boto3_name(service_id: str) -> str:
    """Return boto3's name of a service for its name in botocore's events: `elbv2` for `elastic-load-balancing-v2`."""
    return _boto3_names().get(service_id, service_id.replace("secrets-manager", "secretsmanager"))


def read_outcome(response: AWSResponse) -> str:
    """Return `ok`, the error code in AWS's response, or its HTTP status."""
    if response.status_code < _FIRST_ERROR_STATUS:
        return OK
    header = response.headers.get("x-amzn-errortype")
    if header:
        return str(header).split(":")[0].split("#")[-1]
    found = _ERROR_CODE.search(response.content)
    if found is None:
        return f"HTTP {response.status_code}"
    return next(group for group in found.groups() if group).decode()
