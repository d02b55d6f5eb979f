"""The paths below /_twin/, asked rightly and wrongly."""

from __future__ import annotations

import threading
import time
from datetime import datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ConnectionClosedError

from tests.support.nonempty import nonempty
from tests.support.served_twin import ORIGIN, TARGET, ServedTwin

JSON = {"Content-Type": "application/json"}


def now(host: ServedTwin) -> datetime:
    return datetime.fromisoformat(host.request("GET", "/_twin/health").document["now"])


def test_health_and_state_show_virtual_time(calm: ServedTwin) -> None:
    health = calm.request("GET", "/_twin/health").document
    assert (health["status"], health["pace"]) == ("ok", 0.0)
    seen = calm.state()
    assert datetime.fromisoformat(seen["clock"]["now"]) == datetime.fromisoformat(health["now"])
    assert (seen["application"], seen["account"]) == ("website", "111122223333")
    assert len(seen["regions"][ORIGIN]["instances"]) == 3
    assert {s["replication"] for s in seen["regions"][TARGET]["source_servers"]} == {"CONTINUOUS"}
    assert seen["regions"][ORIGIN]["serves"] is True
    assert seen["dns"] == {
        "name": "www.website.example.com",
        "answer": "website-1234567890.us-east-1.elb.amazonaws.com",
        "region": ORIGIN,
    }


def test_time_advances_only_on_request(calm: ServedTwin) -> None:
    before = now(calm)
    time.sleep(0.3)
    assert now(calm) == before
    assert calm.post("advance", {"seconds": 90}).document["now"] == (before + timedelta(seconds=90)).isoformat()
    until = before + timedelta(seconds=100)
    assert calm.post("advance", {"until": until.isoformat()}).status == 200
    assert now(calm) == until
    assert calm.post("advance", {"until": until.isoformat()}).status == 200  # it is that time already


def test_at_a_pace_virtual_time_runs_with_real_time(calm: ServedTwin) -> None:
    before, began = now(calm), time.monotonic()
    calm.post("pace", {"pace": 100})
    time.sleep(1)
    calm.post("pace", {"pace": 0})
    gone, real = now(calm) - before, time.monotonic() - began
    assert timedelta(seconds=20) < gone <= timedelta(seconds=100 * real + 1)


def test_concurrent_advance_requests_wait_for_own_time(calm: ServedTwin) -> None:
    before = now(calm)
    came: dict[int, datetime] = {}

    def advance(seconds: int) -> None:
        came[seconds] = datetime.fromisoformat(calm.post("advance", {"seconds": seconds}).document["now"])

    clients = [threading.Thread(target=advance, args=(seconds,)) for seconds in (30, 60)]
    for client in clients:
        client.start()
    for client in clients:
        client.join(timeout=30)
    assert all(came[seconds] >= before + timedelta(seconds=seconds) for seconds in (30, 60))


@pytest.mark.parametrize(
    ("name", "body", "status", "named"),
    [
        ("advance", b"", 400, "not valid JSON"),
        ("advance", b"{", 400, "not valid JSON"),
        ("advance", b"\xff", 400, "not valid JSON"),
        ("advance", b"[" * 50_000, 400, "not valid JSON"),
        ("advance", b"[]", 422, "the body"),
        ("advance", b"{}", 422, "either seconds or until"),
        ("advance", b'{"seconds": 5, "until": "2030-01-01T00:00:00Z"}', 422, "either seconds or until"),
        ("advance", b'{"seconds": -1}', 422, "seconds"),
        ("advance", b'{"seconds": 1e300}', 422, "seconds"),
        ("advance", b'{"seconds": NaN}', 422, "seconds"),
        ("advance", b'{"until": "2026-03-01T10:00:00"}', 422, "until"),
        ("advance", b'{"until": "2001-01-01T00:00:00Z"}', 422, "out of range"),
        ("advance", b'{"second": 5}', 422, "second"),
        ("pace", b'{"pace": -1}', 422, "pace"),
        ("pace", b'{"pace": "quick"}', 422, "pace"),
        ("pace", b'{"pace": Infinity}', 422, "pace"),
        ("incident", b'{"dark": "eu-north-1"}', 422, "eu-north-1 is not a Region of this world"),
        ("incident", b'{"light": "us-east-1"}', 422, "us-east-1 has no outage"),
        ("incident", b'{"dark": "us-east-1", "light": "us-east-1"}', 422, "either dark or light"),
        ("fault", b'{"kind": "meteor"}', 422, "meteor"),
        ("fault", b'{"kind": "launch-fails", "group": "nobody"}', 422, "no server group nobody"),
        ("fault", b'{"kind": "endpoint-down", "region": "eu-north-1"}', 422, "no cluster endpoint in eu-north-1"),
        ("fault", b'{"kind": "call", "operation": "StartRecovery", "fault": "throttled"}', 422, "operation"),
        ("fault", b'{"kind": "service", "service": "drss", "fault": "denied"}', 422, "is drs meant?"),
        (
            "fault",
            b'{"kind": "service", "service": "drs", "region": "eu-west-1", "fault": "denied"}',
            422,
            "makes no calls to drs in eu-west-1",
        ),
        (
            "fault",
            b'{"kind": "invocation", "function": "drs-recovr", "error": "Lambda.Unknown"}',
            422,
            "no task or function drs-recovr",
        ),
        (
            "fault",
            b'{"kind": "call", "operation": "drs:StartRecover", "fault": "denied"}',
            422,
            "is drs:StartRecovery meant?",
        ),
    ],
)
def test_malformed_command_is_rejected_with_fix(
    calm: ServedTwin, name: str, body: bytes, status: int, named: str
) -> None:
    before = now(calm)
    refused = calm.request("POST", f"/_twin/{name}", body, JSON)
    problem: Any = refused.document
    assert refused.headers["content-type"] == "application/problem+json"
    assert (refused.status, problem["status"]) == (status, status)
    assert named in problem["detail"]
    assert problem["mend"]
    assert now(calm) == before


def test_unknown_path_lists_valid_paths(calm: ServedTwin) -> None:
    refused = calm.request("GET", "/_twin/stat")
    assert refused.status == 404
    assert "/_twin/state" in refused.document["mend"]


def test_wrong_method_names_allowed_method(calm: ServedTwin) -> None:
    refused = calm.request("GET", "/_twin/advance")
    assert (refused.status, refused.headers["allow"]) == (405, "POST")
    assert calm.request("POST", "/_twin/state", b"{}", JSON).headers["allow"] == "GET"


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "text/plain", "multipart/form-data", None])
def test_form_content_types_are_rejected(calm: ServedTwin, kind: str | None) -> None:
    before = now(calm)
    headers = {"Content-Type": kind} if kind else {}
    assert calm.request("POST", "/_twin/advance", b'{"seconds": 60}', headers).status == 415
    assert now(calm) == before


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "rebound.example.com"},
        {"Host": "127.0.0.1.example.com"},
        {"Host": ""},
        {"Origin": "https://example.com"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
@pytest.mark.parametrize(
    "path", ["/_twin/state", "/?Action=DescribeInstances&X-Amz-Credential=a/20260301/us-east-1/ec2/aws4_request"]
)
def test_browser_requests_are_rejected(calm: ServedTwin, headers: dict[str, str], path: str) -> None:
    refused = calm.request("GET", path, headers=headers)
    assert refused.status == 403
    assert not any(name.startswith("access-control") for name in nonempty(refused.headers))


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost:80", "LOCALHOST", "[::1]:8080"])
def test_all_loopback_host_names_are_accepted(calm: ServedTwin, host: str) -> None:
    assert calm.request("GET", "/_twin/health", headers={"Host": host}).status == 200


def test_oversized_command_is_rejected(calm: ServedTwin) -> None:
    assert calm.request("POST", "/_twin/pace", b" " * 70_000, JSON).status == 413


def test_injected_fault_affects_served_client(calm: ServedTwin) -> None:
    calm.post("fault", {"kind": "call", "operation": "drs:DescribeJobs", "fault": "throttled", "times": 1})
    calm.post("fault", {"kind": "call", "operation": "drs:DescribeJobs", "fault": "refused", "nth": 2})
    drs = calm.client("drs")
    with pytest.raises(drs.exceptions.ThrottlingException):
        drs.describe_jobs()
    with pytest.raises(ConnectionClosedError):
        drs.describe_jobs()
    assert drs.describe_jobs()["ResponseMetadata"]["HTTPStatusCode"] == 200


def test_client_retries_overcome_fault(calm: ServedTwin) -> None:
    calm.post("fault", {"kind": "call", "operation": "drs:DescribeJobs", "fault": "refused"})
    answer = calm.client("drs", attempts=3).describe_jobs()
    assert answer["ResponseMetadata"]["RetryAttempts"] == 1


def test_call_to_unavailable_region_fails_at_once_by_default(calm: ServedTwin) -> None:
    calm.post("incident", {"dark": "ap-northeast-1"})
    with pytest.raises(ConnectionClosedError):
        calm.client("ec2", "ap-northeast-1").describe_instances()
    assert calm.post("incident", {"light": "ap-northeast-1"}).status == 200


def test_black_hole_delays_call_in_virtual_time(calm: ServedTwin) -> None:
    calm.post("incident", {"dark": "ap-northeast-1", "black_hole": "30s"})
    ended: list[type[Exception]] = []

    def call() -> None:
        try:
            calm.client("ec2", "ap-northeast-1").describe_instances()
        except Exception as error:
            ended.append(type(error))

    client = threading.Thread(target=call)
    client.start()
    calm.await_calls(1)
    calm.advance(29)
    calm.await_calls(1)
    calm.advance(1)
    client.join(timeout=10)
    assert ended == [ConnectionClosedError]
    assert calm.post("incident", {"light": "ap-northeast-1"}).status == 200


def test_second_outage_of_same_region_is_rejected(calm: ServedTwin) -> None:
    assert calm.post("incident", {"dark": "ap-southeast-2"}).status == 200
    again = calm.post("incident", {"dark": "ap-southeast-2"})
    assert (again.status, "already has an outage" in again.document["detail"]) == (422, True)
    assert calm.post("incident", {"light": "ap-southeast-2"}).status == 200


def test_drs_events_appear_in_state(calm: ServedTwin) -> None:
    calm.post("incident", {"dark": "us-east-1"})
    calm.advance(400)
    calm.post("incident", {"light": "us-east-1"})
    calm.advance(3600)
    events = [e for e in calm.state()["events"] if e["detail_type"].startswith("DRS Source Server Data Replication")]
    assert {e["detail"]["state"] for e in events} == {"STALLED", "NOT_STALLED"}
    assert all(e["resources"][0].startswith("arn:aws:drs:us-west-2:") for e in events)
