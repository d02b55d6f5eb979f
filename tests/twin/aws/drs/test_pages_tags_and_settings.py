"""The rest of the API: pages, filters, tags, configurations."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from tests.support.nonempty import nonempty
from tests.twin.aws.drs_world import B, DrsTestWorld, client, error_code

MISSING = "s-00000000000000000"


@pytest.mark.parametrize("size", [1, 2, 3, 4])
def test_describe_operations_are_paginated(world: DrsTestWorld, size: int) -> None:
    servers = [world.protect(name) for name in ("one", "two", "three")]
    world.recover(*servers)
    world.recover(servers[0])
    world.recover(servers[1])

    def ids(operation: str, key: str, **params: object) -> list[str]:
        pages = list(world.b.get_paginator(operation).paginate(PaginationConfig={"PageSize": size}, **params))
        assert all(len(page["items"]) <= size for page in nonempty(pages))
        return [item[key] for page in pages for item in page["items"]]

    assert ids("describe_source_servers", "sourceServerID") == [s.server_id for s in servers]
    assert len(set(ids("describe_recovery_instances", "recoveryInstanceID"))) == 3
    jobs = ids("describe_jobs", "jobID")
    assert jobs == [j.job_id for j in reversed(world.drs.jobs(B))]
    assert len(ids("describe_job_log_items", "event", jobID=jobs[-1])) == 2 + 3 * 5
    assert len(set(ids("describe_recovery_snapshots", "snapshotID", sourceServerID=servers[0].server_id))) > 30


def test_a_page_token_survives_a_new_item(world: DrsTestWorld) -> None:
    first, second = world.protect("one"), world.protect("two")
    world.recover(first)
    world.recover(second)
    page = world.b.describe_jobs(maxResults=1)
    world.start(first)
    rest = world.b.describe_jobs(maxResults=5, nextToken=page["nextToken"])["items"]
    assert [j["participatingServers"][0]["sourceServerID"] for j in rest] == [first.server_id]


def test_invented_page_token_is_rejected(world: DrsTestWorld) -> None:
    with pytest.raises(ClientError) as error:
        world.b.describe_jobs(nextToken="invented")
    assert error_code(error.value) == "ValidationException"


def test_default_page_size_is_limited(world: DrsTestWorld) -> None:
    for number in range(51):
        world.drs.add_source_server(B, f"server-{number}", "us-east-1", f"i-{number:017x}")
    answer = world.b.describe_source_servers()
    assert len(answer["items"]) == 50
    assert len(world.b.describe_source_servers(nextToken=answer["nextToken"])["items"]) == 1


def test_describe_filters_select_items(world: DrsTestWorld) -> None:
    one, two = world.protect("one"), world.protect("two")
    world.recover(one)
    world.clock.advance(hours=1)
    world.recover(two)

    def servers(**filters: object) -> list[str]:
        return [s["sourceServerID"] for s in world.b.describe_source_servers(filters=filters)["items"]]

    assert servers(sourceServerIDs=[two.server_id, MISSING]) == [two.server_id]
    assert servers(hardwareId=one.origin.instance_id) == [one.server_id]
    assert servers(stagingAccountIDs=["999999999999"]) == []
    assert servers(stagingAccountIDs=["123456789012"]) == [one.server_id, two.server_id]
    late = world.b.describe_jobs(filters={"fromDate": "2026-03-01T10:00:00Z"})["items"]
    early = world.b.describe_jobs(filters={"toDate": "2026-03-01T10:00:00Z"})["items"]
    assert [j["participatingServers"][0]["sourceServerID"] for j in (*late, *early)] == [two.server_id, one.server_id]
    instance = world.instance(two.server_id)
    by_id = {"recoveryInstanceIDs": [instance["recoveryInstanceID"]]}
    assert world.b.describe_recovery_instances(filters=by_id)["items"] == [instance]
    with pytest.raises(ClientError) as error:
        world.b.describe_job_log_items(jobID="drsjob-00000000000000000")
    assert error_code(error.value) == "ValidationException"


def test_tags_are_set_and_removed_on_all_resources(world: DrsTestWorld) -> None:
    server = world.protect("db")
    job = world.recover(server, tags={"leeward:run": "r1"})
    for arn, first in (
        (server.arn, {"Role": "db"}),
        (job["arn"], {"leeward:run": "r1"}),
        (world.instance(server.server_id)["arn"], {"Role": "db"}),
    ):
        world.b.tag_resource(resourceArn=arn, tags={"new": "1", "gone": "2"})
        world.b.untag_resource(resourceArn=arn, tagKeys=["gone", "never"])
        assert world.b.list_tags_for_resource(resourceArn=arn)["tags"] == {**first, "new": "1"}
    assert world.server(server.server_id)["tags"] == {"Role": "db", "new": "1"}
    with pytest.raises(world.b.exceptions.ResourceNotFoundException):
        world.b.list_tags_for_resource(resourceArn=server.arn.replace(server.server_id, MISSING))


def test_launch_configuration_is_updated_partially(world: DrsTestWorld) -> None:
    server = world.protect("db")
    before = world.b.get_launch_configuration(sourceServerID=server.server_id)
    templates = client("ec2", B).describe_launch_templates(LaunchTemplateIds=[before["ec2LaunchTemplateID"]])
    assert templates["LaunchTemplates"][0]["LaunchTemplateName"] == f"created-and-used-by-drs-{server.server_id}"
    assert before["launchDisposition"] == "STARTED"
    world.b.update_launch_configuration(
        sourceServerID=server.server_id,
        launchDisposition="STOPPED",
        targetInstanceTypeRightSizingMethod="BASIC",
        recoveryMode="FAST",
        licensing={"osByol": True},
        copyTags=False,
    )
    after = world.b.get_launch_configuration(sourceServerID=server.server_id)
    assert (after["launchDisposition"], after["recoveryMode"], after["licensing"]) == (
        "STOPPED",
        "FAST",
        {"osByol": True},
    )
    assert (after["name"], after["copyPrivateIp"]) == (before["name"], before["copyPrivateIp"])
    world.recover(server)
    instance_id = world.instance(server.server_id)["ec2InstanceID"]
    found = client("ec2", B).describe_instances(InstanceIds=[instance_id])["Reservations"][0]["Instances"][0]
    assert found["State"]["Name"] == "stopped"
    assert "Role" not in {t["Key"] for t in found["Tags"]}


def test_launch_into_instance_is_set_and_cleared(world: DrsTestWorld) -> None:
    server = world.protect("db")
    into = {"launchIntoEC2InstanceID": "i-0123456789abcdef0"}
    with pytest.raises(ClientError) as error:
        world.b.update_launch_configuration(
            sourceServerID=server.server_id, launchIntoInstanceProperties=into, copyTags=True
        )
    assert error_code(error.value) == "ValidationException"
    set_ = world.b.update_launch_configuration(sourceServerID=server.server_id, launchIntoInstanceProperties=into)
    assert set_["launchIntoInstanceProperties"] == into
    unset = world.b.update_launch_configuration(
        sourceServerID=server.server_id, launchIntoInstanceProperties={"launchIntoEC2InstanceID": ""}
    )
    assert "launchIntoInstanceProperties" not in unset


def test_launch_configuration_is_locked_during_job(world: DrsTestWorld) -> None:
    server = world.protect("db")
    world.start(server)
    with pytest.raises(world.b.exceptions.ConflictException):
        world.b.update_launch_configuration(sourceServerID=server.server_id, launchDisposition="STOPPED")


def test_replication_configuration_is_stored(world: DrsTestWorld) -> None:
    server = world.protect("db", disks_gib=[8, 16])
    before = world.b.get_replication_configuration(sourceServerID=server.server_id)
    assert [d["isBootDisk"] for d in before["replicatedDisks"]] == [True, False]
    assert [(r["units"], r["interval"], r["retentionDuration"]) for r in before["pitPolicy"]] == [
        ("MINUTE", 10, 60),
        ("HOUR", 1, 24),
        ("DAY", 1, 7),
    ]
    world.b.update_replication_configuration(sourceServerID=server.server_id, bandwidthThrottling=100)
    after = world.b.get_replication_configuration(sourceServerID=server.server_id)
    assert (after["bandwidthThrottling"], after["pitPolicy"]) == (100, before["pitPolicy"])


@pytest.mark.parametrize(
    "operation",
    [
        "get_launch_configuration",
        "get_replication_configuration",
        "update_launch_configuration",
        "update_replication_configuration",
        "start_replication",
        "stop_replication",
        "retry_data_replication",
        "disconnect_source_server",
        "delete_source_server",
    ],
)
def test_unknown_server_is_not_found(world: DrsTestWorld, operation: str) -> None:
    with pytest.raises(world.b.exceptions.ResourceNotFoundException) as error:
        getattr(world.b, operation)(sourceServerID=MISSING)
    assert error.value.response["resourceId"] == MISSING
