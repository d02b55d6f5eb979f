"""AWS clients in another process than the world: boto3 here, and other people's programs."""

from __future__ import annotations

import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta

import pytest
from botocore.exceptions import ClientError

from tests.support.served_twin import ORIGIN, ServedTwin

# As people write it who have never heard of Leeward: their own tags, DRS's own names, time.sleep between two looks.
THIRD_PARTY_SCRIPT = """
import sys
import time
import boto3

def main(role, wave):
    drs = boto3.client("drs")
    ids = []
    for page in drs.get_paginator("describe_source_servers").paginate(filters={}, maxResults=2):
        for server in page["items"]:
            tags = server.get("tags", {})
            if tags.get("Application") == "website" and tags.get("Role") == role:
                if server["dataReplicationInfo"]["dataReplicationState"] != "CONTINUOUS":
                    sys.exit(f"{server['sourceServerID']} is not ready")
                ids.append(server["sourceServerID"])
    print("wave", wave, "servers", len(ids))
    job = drs.start_recovery(
        isDrill=True, sourceServers=[{"sourceServerID": i} for i in ids], tags={"wave": wave, "started-by": "cron"}
    )["job"]
    for _ in range(60):
        [found] = drs.describe_jobs(filters={"jobIDs": [job["jobID"]]})["items"]
        if found["status"] == "COMPLETED":
            break
        time.sleep(1)
    else:
        sys.exit("gave up waiting")
    print("launch", sorted({s["launchStatus"] for s in found["participatingServers"]}), found["tags"])

main(*sys.argv[1:])
"""


def source_servers(host: ServedTwin) -> dict[str, str]:
    pages = host.client("drs").get_paginator("describe_source_servers").paginate(maxResults=2)
    return {server["tags"]["Name"]: server["sourceServerID"] for page in pages for server in page["items"]}


def test_client_recovers_server_to_running_instance(calm: ServedTwin) -> None:
    servers = source_servers(calm)
    assert set(servers) == {"database", "home-page", "catalogue-page"}
    drs = calm.client("drs")
    wanted = [{"sourceServerID": servers["home-page"]}]
    job = drs.start_recovery(isDrill=True, sourceServers=wanted, tags={"purpose": "a look"})["job"]
    assert job["tags"] == {"purpose": "a look"}
    with pytest.raises(drs.exceptions.ConflictException, match=servers["home-page"]):
        drs.start_recovery(sourceServers=wanted)
    with pytest.raises(drs.exceptions.ResourceNotFoundException):
        drs.get_launch_configuration(sourceServerID="s-00000000000000000")

    calm.advance(3600)

    [found] = drs.describe_jobs(filters={"jobIDs": [job["jobID"]]})["items"]
    assert (found["status"], found["participatingServers"][0]["launchStatus"]) == ("COMPLETED", "LAUNCHED")
    [record] = drs.describe_recovery_instances()["items"]
    reservations = calm.client("ec2").describe_instances(InstanceIds=[record["ec2InstanceID"]])["Reservations"]
    assert reservations[0]["Instances"][0]["State"]["Name"] == "running"
    seen = calm.state()["regions"]["us-west-2"]
    assert [i["id"] for i in seen["instances"]] == [record["ec2InstanceID"]]
    assert [(i["instance"], i["is_drill"]) for i in seen["recovery_instances"]] == [(record["ec2InstanceID"], True)]
    assert [(j["id"], j["status"]) for j in seen["jobs"]] == [(job["jobID"], "COMPLETED")]


def test_unmodified_scripts_run_concurrently(calm: ServedTwin) -> None:
    calm.post("pace", {"pace": 600})
    try:
        runs = [
            subprocess.Popen(
                [sys.executable, "-c", THIRD_PARTY_SCRIPT, role, role],
                env=calm.environment(),
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
            for role in ("database", "catalogue-page")
        ]
        output = [run.communicate(timeout=60) for run in runs]
    finally:
        calm.post("pace", {"pace": 0})
    assert [run.returncode for run in runs] == [0, 0], output
    for (out, _), role in zip(output, ("database", "catalogue-page"), strict=True):
        assert f"wave {role} servers 1" in out
        assert f"launch ['LAUNCHED'] {{'wave': '{role}', 'started-by': 'cron'}}" in out


def test_routing_controls_work_through_cluster_endpoints(calm: ServedTwin) -> None:
    config = calm.client("route53-recovery-control-config")
    [cluster] = config.list_clusters()["Clusters"]
    endpoints = config.describe_cluster(ClusterArn=cluster["ClusterArn"])["Cluster"]["ClusterEndpoints"]
    assert len(endpoints) == 5
    controls = {c["region"]: c["arn"] for c in calm.state()["routing_controls"]}
    states = []
    for endpoint in endpoints:
        client = calm.client("route53-recovery-cluster", endpoint["Region"], endpoint=endpoint["Endpoint"])
        states.append(client.get_routing_control_state(RoutingControlArn=controls[ORIGIN])["RoutingControlState"])
    assert states == ["On"] * 5


def test_routing_controls_work_with_region_only_client(calm: ServedTwin) -> None:
    client = calm.client("route53-recovery-cluster", "eu-west-1")
    before = {
        c["RoutingControlArn"]: c["RoutingControlState"] for c in client.list_routing_controls()["RoutingControls"]
    }
    assert sorted(before.values()) == ["Off", "On"]

    def turn(states: dict[str, str]) -> None:
        client.update_routing_control_states(
            UpdateRoutingControlStateEntries=[
                {"RoutingControlArn": arn, "RoutingControlState": state} for arn, state in states.items()
            ]
        )

    turn({arn: "Off" if state == "On" else "On" for arn, state in before.items()})
    after = {c["arn"]: c["state"] for c in calm.state()["routing_controls"]}
    turn(before)
    assert after == {arn: "Off" if state == "On" else "On" for arn, state in before.items()}
    assert {c["arn"]: c["state"] for c in calm.state()["routing_controls"]} == before


def test_region_without_cluster_endpoint_gets_hint(calm: ServedTwin) -> None:
    with pytest.raises(ClientError, match=r"no routing-control cluster has an endpoint in eu-central-1.*us-west-2"):
        calm.client("route53-recovery-cluster", "eu-central-1").list_routing_controls()


def test_served_clock_starts_at_current_time(calm: ServedTwin) -> None:
    now = datetime.fromisoformat(calm.state()["clock"]["started_at"])
    assert abs(now - datetime.now(UTC)) < timedelta(minutes=5)


@pytest.mark.parametrize(
    ("service", "operation", "named"),
    [
        ("arc-region-switch", "list_plans", "arc-region-switch:ListPlans"),  # JSON
        ("neptune", "describe_event_categories", "DescribeEventCategories"),  # query
        ("keyspaces", "list_keyspaces", "keyspaces:ListKeyspaces"),  # CBOR
        ("route53profiles", "list_profiles", "route53profiles:ListProfiles"),  # REST, JSON
        ("ec2", "describe_ipam_pools", "ec2:DescribeIpamPools"),  # EC2's own
        ("cloudfront", "list_vpc_origins", "cloudfront:ListVpcOrigins"),  # REST, XML
    ],
)
def test_unsimulated_operation_fails_in_service_protocol(
    calm: ServedTwin, service: str, operation: str, named: str
) -> None:
    with pytest.raises(ClientError) as caught:
        getattr(calm.client(service), operation)()
    assert caught.value.response["Error"]["Code"] == "NotSimulated"
    assert named in caught.value.response["Error"]["Message"]
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501


def test_services_with_same_signing_name_are_distinguished(calm: ServedTwin) -> None:
    balancers = calm.client("elbv2").describe_load_balancers()["LoadBalancers"]
    assert [b["DNSName"] for b in balancers] == ["website-2345678901.us-west-2.elb.amazonaws.com"]
    assert calm.client("elb").describe_load_balancers()["LoadBalancerDescriptions"] == []
    assert calm.client("dynamodb").list_tables()["TableNames"] == ["leeward-website"]
    assert calm.client("dynamodbstreams").list_streams()["Streams"] == []


@pytest.mark.parametrize("service", ["drs", "ec2"])
def test_unknown_region_is_rejected_like_aws(calm: ServedTwin, service: str) -> None:
    client = calm.client(service, "us-moon-1")
    call = client.describe_source_servers if service == "drs" else client.describe_instances
    with pytest.raises(ClientError, match="Credential should be scoped to a valid Region") as caught:
        call()
    assert caught.value.response["Error"]["Code"] == "InvalidSignatureException"


def test_unsigned_request_is_rejected(calm: ServedTwin) -> None:
    refused = calm.request("POST", "/DescribeSourceServers", b"{}", {"Content-Type": "application/json"})
    assert (refused.status, refused.document["__type"]) == (403, "MissingAuthenticationTokenException")


def test_long_poll_blocks_no_other_client(calm: ServedTwin) -> None:
    sqs = calm.client("sqs")
    queue = sqs.create_queue(QueueName="long")["QueueUrl"]
    answers: list[object] = []

    def poll() -> None:
        answers.append(calm.client("sqs").receive_message(QueueUrl=queue, WaitTimeSeconds=20).get("Messages"))

    poller = threading.Thread(target=poll)
    poller.start()
    calm.await_calls(1)
    assert len(source_servers(calm)) == 3
    calm.await_calls(1)  # still: the virtual clock stands still
    calm.advance(21)
    poller.join(timeout=10)
    assert answers == [None]


def test_idle_connection_blocks_no_other_client(calm: ServedTwin) -> None:
    import socket

    with socket.create_connection(("127.0.0.1", calm.port)) as idle:
        idle.sendall(b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Le")  # and never the rest
        assert len(source_servers(calm)) == 3
