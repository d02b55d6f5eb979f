"""Whom a request is for."""

from __future__ import annotations

import pytest

from leeward.twin.server.addressing import Addressed, Unaddressed, address
from leeward.twin.server.catalogue import by_signing_name
from leeward.twin.server.mailbox import Request

REGIONS = frozenset({"us-west-2", "us-east-1"})


def addressed(scope: str, method: str = "POST", target: str = "/", body: bytes = b"", **headers: str) -> Addressed:
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    given["authorization"] = f"AWS4-HMAC-SHA256 Credential=AKID/20260301/{scope}/aws4_request, SignedHeaders=host"
    return address(Request(method, target, given, body), lambda s, r: f"https://{s}.{r}.amazonaws.com", REGIONS)


def test_a_json_call_by_its_target() -> None:
    found = addressed("us-west-2/states", x_amz_target="AWSStepFunctions.StartExecution")
    assert (found.known.name, found.operation, found.protocol) == ("stepfunctions", "StartExecution", "json")
    assert found.url == "https://stepfunctions.us-west-2.amazonaws.com/"


def test_a_rest_call_by_method_and_path() -> None:
    found = addressed("us-west-2/drs", target="/StartRecovery")
    assert (found.known.name, found.operation, found.protocol) == ("drs", "StartRecovery", "rest-json")


@pytest.mark.parametrize(("version", "service"), [("2015-12-01", "elbv2"), ("2012-06-01", "elb")])
def test_a_query_call_by_its_version(version: str, service: str) -> None:
    body = f"Action=DescribeLoadBalancers&Version={version}".encode()
    found = addressed(
        "us-east-1/elasticloadbalancing", body=body, content_type="application/x-www-form-urlencoded; charset=utf-8"
    )
    assert (found.known.name, found.operation, found.protocol) == (service, "DescribeLoadBalancers", "query")


def test_two_rest_services_of_one_signing_name_by_their_paths() -> None:
    assert addressed("us-east-1/ses", target="/v2/email/list-identities").known.name == "sesv2"
    assert addressed("us-east-1/apigateway", target="/v2/apis", method="GET").known.name == "apigatewayv2"
    assert addressed("us-east-1/apigateway", target="/restapis", method="GET").known.name == "apigateway"


def test_a_cbor_call_by_its_path() -> None:
    target = "/service/GraniteServiceVersion20100801/operation/ListMetrics"
    found = addressed("us-east-1/monitoring", target=target, smithy_protocol="rpc-v2-cbor")
    assert (found.known.name, found.operation, found.protocol) == ("cloudwatch", "ListMetrics", "smithy-rpc-v2-cbor")


def test_a_signed_url_by_its_query() -> None:
    query = (
        "Action=DescribeInstances&Version=2016-11-15&X-Amz-Credential=AKID%2F20260301%2Fus-east-1%2Fec2%2Faws4_request"
    )
    found = address(Request("GET", f"/?{query}", {}), lambda s, r: f"https://{s}.{r}.amazonaws.com", REGIONS)
    assert (found.known.name, found.region, found.operation, found.protocol) == (
        "ec2",
        "us-east-1",
        "DescribeInstances",
        "ec2",
    )


def test_a_host_can_be_asked_by_name() -> None:
    host = "bbbbbbbb.route53-recovery-cluster.us-west-2.amazonaws.com"
    found = addressed(
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
def test_what_cannot_be_addressed_is_refused(scope: str, target: str, code: str) -> None:
    with pytest.raises(Unaddressed) as caught:
        addressed(scope, target=target)
    assert caught.value.code == code


def test_every_service_that_the_twin_adds_is_in_botocores_own_catalogue() -> None:
    known = by_signing_name()
    for name in ("drs", "route53-recovery-cluster", "route53-recovery-control-config"):
        assert [k.name for k in known[name]] == [name]
    assert sum(len(each) for each in known.values()) > 300
