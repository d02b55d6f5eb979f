"""Builds AWS's error responses in every wire protocol of botocore, with the codes that each service uses."""

from __future__ import annotations

import json
from dataclasses import dataclass

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from moto.core.botocore_stubber import MockRawResponse

from leeward.twin.interception.calls.aws_calls import CallTarget
from leeward.twin.interception.faults.fault_rules import FaultKind


@dataclass(frozen=True, slots=True)
class AwsErrorCode:
    """An error code and its HTTP status."""

    code: str
    status: int


# Codes from the service models if they define one (drs, lambda, the ARC services), otherwise from the services' own
# "Common errors" pages.
_THROTTLED = {
    "drs": AwsErrorCode("ThrottlingException", 429),
    "dynamodb": AwsErrorCode("ProvisionedThroughputExceededException", 400),
    "ec2": AwsErrorCode("RequestLimitExceeded", 503),
    "lambda": AwsErrorCode("TooManyRequestsException", 429),
    "s3": AwsErrorCode("SlowDown", 503),
    "sqs": AwsErrorCode("RequestThrottled", 403),
}
_SERVER_ERROR = {
    "cloudwatch": AwsErrorCode("InternalServiceFault", 500),
    "drs": AwsErrorCode("InternalServerException", 500),
    "dynamodb": AwsErrorCode("InternalServerError", 500),
    "ec2": AwsErrorCode("InternalError", 500),
    "lambda": AwsErrorCode("ServiceException", 500),
    "route53-recovery-cluster": AwsErrorCode("InternalServerException", 500),
    "route53-recovery-control-config": AwsErrorCode("InternalServerException", 500),
    "s3": AwsErrorCode("InternalError", 500),
}
_DENIED = {"ec2": AwsErrorCode("UnauthorizedOperation", 403)}
_EXPIRED = {"ec2": AwsErrorCode("RequestExpired", 400), "s3": AwsErrorCode("ExpiredToken", 400)}
MESSAGES = {
    FaultKind.THROTTLED: "Rate exceeded",
    FaultKind.SERVER_ERROR: "The service is unable to process the request",
    FaultKind.ACCESS_DENIED: "The role is not authorized to perform {name}",
    FaultKind.CREDENTIALS_EXPIRED: "The security token included in the request is expired",
}
XML, QUERY, EC2, JSON, REST_JSON = "rest-xml", "query", "ec2", "json", "rest-json"


def detect_protocol(target: CallTarget, request: AWSPreparedRequest) -> str:
    """Return the protocol of a request, from the request itself, because loading the service's model takes longer."""
    headers = {str(name).lower(): value for name, value in request.headers.items()}
    if "x-amz-target" in headers:
        return JSON
    content_type = headers.get("content-type", "")
    if "x-www-form-urlencoded" in (content_type.decode() if isinstance(content_type, bytes) else str(content_type)):
        return EC2 if target.service == "ec2" else QUERY
    return XML if target.service in ("s3", "s3control", "route53", "cloudfront") else REST_JSON


def choose_error_code(fault: FaultKind, service: str, protocol: str) -> AwsErrorCode:
    """Return the error code and status with which `service` responds. Raises ValueError for any other kind of fault."""
    if fault is FaultKind.THROTTLED:
        generic = {XML: AwsErrorCode("Throttling", 400), QUERY: AwsErrorCode("Throttling", 400)}
        default = AwsErrorCode("ThrottlingException", 429 if protocol == REST_JSON else 400)
        return _THROTTLED.get(service) or generic.get(protocol, default)
    if fault is FaultKind.SERVER_ERROR:
        return _SERVER_ERROR.get(service) or AwsErrorCode("ServiceUnavailable", 503)
    short = protocol in (XML, QUERY, EC2)
    status = 400 if protocol == JSON else 403
    if fault is FaultKind.ACCESS_DENIED:
        return _DENIED.get(service) or AwsErrorCode("AccessDenied" if short else "AccessDeniedException", status)
    if fault is FaultKind.CREDENTIALS_EXPIRED:
        return _EXPIRED.get(service) or AwsErrorCode("ExpiredToken" if short else "ExpiredTokenException", status)
    raise ValueError(f"{fault} is not an error response of AWS")


def make_error_response(
    fault: FaultKind, target: CallTarget, request: AWSPreparedRequest, *, message: str | None = None
) -> tuple[AwsErrorCode, AWSResponse]:
    """Return the error code, and a response that botocore parses into a ClientError.

    `message` is the text of an error that follows from AWS's own rules. Without it, the text says that the fault is
    simulated.
    """
    protocol = detect_protocol(target, request)
    error = choose_error_code(fault, target.service, protocol)
    text = message or f"{MESSAGES[fault].format(name=target.name)} (simulated fault)"
    headers, body = _serialize_error(protocol, target.service, error.code, text)
    return error, AWSResponse(request.url, error.status, headers, MockRawResponse(body))  # type: ignore[arg-type]


def _serialize_error(protocol: str, service: str, code: str, message: str) -> tuple[dict[str, str], bytes]:
    error = f"<Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error>"
    xml = {"content-type": "text/xml"}
    if protocol == JSON:
        return {"content-type": "application/x-amz-json-1.0"}, json.dumps({"__type": code, "message": message}).encode()
    if protocol == REST_JSON:
        headers = {"content-type": "application/json", "x-amzn-errortype": code}
        return headers, json.dumps({"message": message}).encode()
    if protocol == EC2:
        return xml, f"<Response><Errors>{error}</Errors><RequestID>twin</RequestID></Response>".encode()
    if service == "s3":
        return xml, f"<Error><Code>{code}</Code><Message>{message}</Message></Error>".encode()
    return xml, f"<ErrorResponse>{error}<RequestId>twin</RequestId></ErrorResponse>".encode()
