"""Templates of a Region, post-launch actions, and the failback client's operations."""

from __future__ import annotations

from typing import Any

import pytest

from tests.twin.aws.drs_world import A, B, DrsTestWorld, client

REPLICATION: dict[str, Any] = {
    "stagingAreaSubnetId": "subnet-0123abcd",
    "replicationServersSecurityGroupsIDs": [],
    "ebsEncryption": "DEFAULT",
    "bandwidthThrottling": 0,
    "stagingAreaTags": {},
    "pitPolicy": [{"units": "MINUTE", "interval": 10, "retentionDuration": 60}] * 3,
}
ACTION: dict[str, Any] = {
    "actionCode": "AWS-RunShellScript",
    "optional": True,
    "active": True,
    "actionVersion": "1",
    "category": "VALIDATION",
    "description": "checks the site",
}


def action(number: int) -> str:
    return f"00000000-0000-0000-0000-{number:012d}"


def test_launch_configuration_template_lifecycle(world: DrsTestWorld) -> None:
    made = world.b.create_launch_configuration_template(copyTags=False, tags={"team": "web"})
    template = made["launchConfigurationTemplate"]
    assert (template["copyTags"], template["launchDisposition"]) == (False, "STARTED")
    name = template["launchConfigurationTemplateID"]
    assert world.b.list_tags_for_resource(resourceArn=template["arn"])["tags"] == {"team": "web"}
    world.b.update_launch_configuration_template(launchConfigurationTemplateID=name, launchDisposition="STOPPED")
    (shown,) = world.b.describe_launch_configuration_templates(launchConfigurationTemplateIDs=[name])["items"]
    assert (shown["copyTags"], shown["launchDisposition"]) == (False, "STOPPED")
    with pytest.raises(world.b.exceptions.ServiceQuotaExceededException):
        world.b.create_launch_configuration_template()
    world.b.delete_launch_configuration_template(launchConfigurationTemplateID=name)
    assert world.b.describe_launch_configuration_templates()["items"] == []
    with pytest.raises(world.b.exceptions.ResourceNotFoundException):
        world.b.describe_launch_configuration_templates(launchConfigurationTemplateIDs=[name])


def test_replication_configuration_template_lifecycle(world: DrsTestWorld) -> None:
    made = world.b.create_replication_configuration_template(**REPLICATION)
    name = made["replicationConfigurationTemplateID"]
    changed = world.b.update_replication_configuration_template(
        replicationConfigurationTemplateID=name, bandwidthThrottling=100
    )
    assert (changed["bandwidthThrottling"], changed["stagingAreaSubnetId"]) == (100, "subnet-0123abcd")
    (shown,) = world.b.describe_replication_configuration_templates()["items"]
    assert (shown["replicationConfigurationTemplateID"], shown["bandwidthThrottling"]) == (name, 100)
    world.b.delete_replication_configuration_template(replicationConfigurationTemplateID=name)
    with pytest.raises(world.b.exceptions.ResourceNotFoundException):
        world.b.delete_replication_configuration_template(replicationConfigurationTemplateID=name)


def test_launch_template_applies_to_reversed_server(world: DrsTestWorld) -> None:
    world.a.create_launch_configuration_template(launchDisposition="STOPPED", launchIntoSourceInstance=True)
    server = world.protect()
    world.recover(server)
    world.b.reverse_replication(recoveryInstanceID=world.instance(server.server_id)["recoveryInstanceID"])
    (back,) = world.drs.servers(A)
    shown = world.a.get_launch_configuration(sourceServerID=back.server_id)
    assert (shown["launchDisposition"], shown["copyTags"]) == ("STOPPED", False)
    assert shown["launchIntoInstanceProperties"] == {"launchIntoEC2InstanceID": server.origin.instance_id}


def test_launch_actions_are_ordered(world: DrsTestWorld) -> None:
    server = world.protect()
    for number, order in ((1, 30), (2, 10), (3, 20)):
        put = {"actionId": action(number), "order": order, "name": f"check {number}", **ACTION}
        answer = world.b.put_launch_action(resourceId=server.server_id, **put)
        assert answer["resourceId"] == server.server_id
    world.b.put_launch_action(
        resourceId=server.server_id, **{**ACTION, "actionId": action(3), "order": 5, "name": "first"}
    )

    def listed(**options: Any) -> list[str]:
        return [a["name"] for a in world.b.list_launch_actions(resourceId=server.server_id, **options)["items"]]

    assert listed() == ["first", "check 2", "check 1"]
    assert listed(filters={"actionIds": [action(1)]}) == ["check 1"]
    world.b.delete_launch_action(resourceId=server.server_id, actionId=action(2))
    assert listed() == ["first", "check 1"]
    with pytest.raises(world.b.exceptions.ResourceNotFoundException):
        world.b.delete_launch_action(resourceId=server.server_id, actionId=action(2))
    with pytest.raises(world.b.exceptions.ResourceNotFoundException):
        world.b.list_launch_actions(resourceId="lct-00000000000000000")
    template = world.b.create_launch_configuration_template()["launchConfigurationTemplate"]
    assert world.b.list_launch_actions(resourceId=template["launchConfigurationTemplateID"])["items"] == []


def test_failback_replication_configuration_is_stored(world: DrsTestWorld) -> None:
    server = world.protect()
    world.recover(server)
    name = world.instance(server.server_id)["recoveryInstanceID"]
    world.b.update_failback_replication_configuration(recoveryInstanceID=name, bandwidthThrottling=50)
    shown = world.b.get_failback_replication_configuration(recoveryInstanceID=name)
    assert (shown["bandwidthThrottling"], shown["usePrivateIP"]) == (50, False)


def test_start_failback_launch_is_rejected_for_ec2_origin(world: DrsTestWorld) -> None:
    server = world.protect()
    world.recover(server)
    name = world.instance(server.server_id)["recoveryInstanceID"]
    with pytest.raises(world.b.exceptions.ConflictException, match="ReverseReplication") as error:
        world.b.start_failback_launch(recoveryInstanceIDs=[name])
    assert server.origin.instance_id in str(error.value)
    with pytest.raises(world.b.exceptions.ConflictException, match="does not exist"):
        world.b.start_failback_launch(recoveryInstanceIDs=["i-00000000000000000"])
    assert len(world.drs.jobs(B)) == 1


def test_stop_failback_ends_reverse_replication(world: DrsTestWorld) -> None:
    server = world.protect()
    world.recover(server)
    name = world.instance(server.server_id)["recoveryInstanceID"]
    world.b.stop_failback(recoveryInstanceID=name)
    world.b.reverse_replication(recoveryInstanceID=name)
    (back,) = world.a.describe_source_servers()["items"]
    world.b.stop_failback(recoveryInstanceID=name)
    assert world.instance(server.server_id)["failback"]["state"] == "FAILBACK_NOT_STARTED"
    assert world.drs.list_events()[-1].detail == {"state": "FAILBACK_NOT_STARTED"}
    state = world.server(back["sourceServerID"], world.a)["dataReplicationInfo"]["dataReplicationState"]
    assert state == "STOPPED"
    # Now it can be terminated, or reversed again, unless its origin's Region is dark.
    world.drs.lose_origin_region(A)
    with pytest.raises(world.b.exceptions.InternalServerException, match="could not be reached"):
        world.b.stop_failback(recoveryInstanceID=name)
    world.drs.restore_origin_region(A)
    again = world.b.reverse_replication(recoveryInstanceID=name)["reversedDirectionSourceServerArn"]
    assert again == back["arn"]


def test_deleting_server_deletes_launch_template(world: DrsTestWorld) -> None:
    server = world.protect()
    assert len(client("ec2", B).describe_launch_templates()["LaunchTemplates"]) == 1
    world.b.disconnect_source_server(sourceServerID=server.server_id)
    world.b.delete_source_server(sourceServerID=server.server_id)
    assert client("ec2", B).describe_launch_templates()["LaunchTemplates"] == []
