"""Which service and Region a request is for."""

from __future__ import annotations

import pytest

from leeward.twin.server.aws_requests.addressing import AddressedRequest, UnknownRecipient, address_request
from leeward.twin.server.aws_requests.service_catalogue import services_by_signing_name
from leeward.twin.server.transport.request_queue import ServerRequest

REGIONS = frozenset({"us-west-2", "us-east-1"})


def identify(
    scope: str, method: str = "POST", target: str = "/", body: bytes = b"", **headers: str
) -> AddressedRequest:
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    given["authorization"] = f"AWS4-HMAC-SHA256 Credential=AKID/20260301/{scope}/aws4_request, SignedHeaders=host"
    return address_request(
        ServerRequest(method, target, given, body), lambda s, r: f"https://{s}.{r}.amazonaws.com", REGIONS
    )


def test_json_call_is_identified_by_target() -> None:
    found = identify("us-west-2/states", x_amz_target="AWSStepFunctions.StartExecution")
    assert (found.service.name, found.operation, found.protocol) == ("stepfunctions", "StartExecution", "json")
    assert found.url == "https://stepfunctions.us-west-2.amazonaws.com/"


def test_rest_call_is_identified_by_method_and_path() -> None:
    found = identify("us-west-2/drs", target="/StartRecovery")
    assert (found.service.name, found.operation, found.protocol) == ("drs", "StartRecovery", "rest-json")


@pytest.mark.parametrize(("version", "service"), [("2015-12-01", "elbv2"), ("2012-06-01", "elb")])
def test_query_call_is_identified_by_version(version: str, service: str) -> None:
    body = f"Action=DescribeLoadBalancers&Version={version}".encode()
    found = identify(
        "us-east-1/elasticloadbalancing", body=body, content_type="application/x-www-form-urlencoded; charset=utf-8"
    )
    assert (found.service.name, found.operation, found.protocol) == (service, "DescribeLoadBalancers", "query")


def test_services_with_same_signing_name_are_identified_by_path() -> None:
    assert identify("us-east-1/ses", target="/v2/email/list-identities").service.name == "sesv2"
    assert identify("us-east-1/apigateway", target="/v2/apis", method="GET").service.name == "apigatewayv2"
    assert identify("us-east-1/apigateway", target="/restapis", method="GET").service.name == "apigateway"


def test_cbor_call_is_identified_by_path() -> None:
    target = "/service/GraniteServiceVersion20100801/operation/ListMetrics"
    found = identify("us-east-1/monitoring", target=target, smithy_protocol="rpc-v2-cbor")
    assert (found.service.name, found.operation, found.protocol) == ("cloudwatch", "ListMetrics", "smithy-rpc-v2-cbor")


def test_presigned_url_is_identified_by_query() -> None:
    query = (
        "Action=DescribeInstances&Version=2016-11-15&X-Amz-Credential=AKID%2F20260301%2Fus-east-1%2Fec2%2Faws4_request"
    )
    found = address_request(
        ServerRequest("GET", f"/?{query}", {}), lambda s, r: f"https://{s}.{r}.amazonaws.com", REGIONS
    )
    assert (found.service.name, found.region, found.operation, found.protocol) == (
        "ec2",
        "us-east-1",
        "DescribeInstances",
        "ec2",
    )


def test_request_can_name_its_host() -> None:
    host = "bbbbbbbb.route53-recovery-cluster.us-west-2.amazonaws.com"
    found = identify(
        "us-east-1/route53-recovery-cluster", target=f"/_twin/at/{host}/v1", x_amz_target="ToggleCustomerAPI.X"
    )
    assert found.url == f"https://{host}/v1"


@pytest.mark.parametrize(
    ("scope", "target", "code"),
    [
        ("us-west-2/nosuchservice", "/", "InvalidSignatureException"),
        ("mars-1/drs", "/StartRecovery", "InvalidSignatureException"),
        ("us-west-2/drs", "/StartRecovery/of/nothing", "UnknownOperationException"),
        ("us-west-2/drs", "/NoSuchOperation", "UnknownOperationException"),
        ("us-west-2", "/", "MissingAuthenticationTokenException"),
        ("us-west-2/drs", "/_twin/at/example.com/StartRecovery", "UnknownEndpoint"),
        ("us-west-2/drs", "/_twin/at/example.com#.amazonaws.com/StartRecovery", "UnknownEndpoint"),
    ],
)
def test_unidentifiable_request_is_rejected(scope: str, target: str, code: str) -> None:
    with pytest.raises(UnknownRecipient) as caught:
        identify(scope, target=target)
    assert caught.value.code == code


def test_added_services_are_in_botocore_catalogue() -> None:
    known = services_by_signing_name()
    for name in ("drs", "route53-recovery-cluster", "route53-recovery-control-config"):
        assert [k.name for k in known[name]] == [name]
    assert sum(len(each) for each in known.values()) > 300
