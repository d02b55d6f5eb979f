"""Check the settings that DRS launches each server with: templates, instance types, security groups, and subnets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from leeward.common.aws.clients import translate_errors
from leeward.common.errors import NotFound
from leeward.drs.api import queries
from leeward.drs.api.models import SourceServer
from leeward.drs.api.states import LaunchDisposition
from leeward.drs.inventory.recovery_instances import describe_instances
from leeward.drs.launch.server_status import blocks_launch
from leeward.readiness.lookups.protected_servers import find_protected_servers
from leeward.readiness.model.check_clients import CheckClients
from leeward.readiness.model.findings import ReadinessFinding, failed, ok, warning
from leeward.readiness.model.readiness_check import ReadinessCheck
from leeward.readiness.model.readiness_input import ReadinessInput

# Free addresses that should remain in a subnet after a failover, so that a server can be replaced.
_SPARE_ADDRESSES = 8


def check(inputs: ReadinessInput, clients: CheckClients) -> Iterator[ReadinessFinding]:
    """Check launch settings and launch templates, and whether an instance from an earlier launch blocks the launch."""
    servers = find_protected_servers(inputs, clients)
    servers_by_subnet: dict[str, int] = {}
    for server in servers:
        with translate_errors("drs:GetLaunchConfiguration"):
            settings = clients.drs.get_launch_configuration(sourceServerID=server.id)
        yield _check_disposition(server, settings.get("launchDisposition"))
        template_id = settings.get("ec2LaunchTemplateID", "")
        template_data = _find_template(clients, template_id)
        if template_data is None:
            fix = (
                "DRS console: open the server's launch settings and save them, which creates a new EC2 launch template"
            )
            yield failed(
                "launch.template", server.label, f"its launch template {template_id or '(none)'} does not exist", fix
            )
            continue
        yield ok("launch.template", server.label, f"{template_id} exists")
        yield from _check_instance_type(server, clients, template_data)
        yield from _check_security_groups(server, clients, template_data)
        subnet = _subnet_of(template_data)
        if subnet is not None:
            servers_by_subnet[subnet] = servers_by_subnet.get(subnet, 0) + 1
    yield from _check_subnets(clients, servers_by_subnet)
    yield from _check_blocking_instances(servers, clients)


def _check_disposition(server: SourceServer, disposition: str | None) -> ReadinessFinding:
    check = "launch.disposition"
    if disposition == LaunchDisposition.STARTED:
        return ok(check, server.label, "launched instances are started")
    fix = "DRS console: in the server's launch settings, set Start instance upon launch"
    return failed(check, server.label, f"launchDisposition is {disposition}: the instance would stay stopped", fix)


def _find_template(clients: CheckClients, template_id: str) -> Mapping[str, Any] | None:
    """Return the data of the template's default version, or None if it does not exist."""
    if not template_id:
        return None
    try:
        with translate_errors("ec2:DescribeLaunchTemplateVersions"):
            response = clients.ec2.describe_launch_template_versions(
                LaunchTemplateId=template_id, Versions=["$Default"]
            )
    except NotFound:
        return None
    versions = response["LaunchTemplateVersions"]
    return versions[0].get("LaunchTemplateData", {}) if versions else None


def _check_instance_type(
    server: SourceServer, clients: CheckClients, template: Mapping[str, Any]
) -> Iterator[ReadinessFinding]:
    instance_type = template.get("InstanceType")
    if instance_type is None:  # DRS chooses the type when it launches the server (right-sizing)
        return
    with translate_errors("ec2:DescribeInstanceTypeOfferings"):
        response = clients.ec2.describe_instance_type_offerings(
            Filters=[{"Name": "instance-type", "Values": [instance_type]}]
        )
    if response["InstanceTypeOfferings"]:
        yield ok("launch.instance_type", server.label, f"{instance_type} is offered in {clients.region}")
    else:
        fix = f"choose an instance type that {clients.region} offers in the server's launch template"
        yield failed("launch.instance_type", server.label, f"{instance_type} is not offered in {clients.region}", fix)


def _check_security_groups(
    server: SourceServer, clients: CheckClients, template: Mapping[str, Any]
) -> Iterator[ReadinessFinding]:
    interfaces = template.get("NetworkInterfaces") or [{}]
    group_ids = [*(interfaces[0].get("Groups") or []), *(template.get("SecurityGroupIds") or [])]
    if not group_ids:
        return
    with translate_errors("ec2:DescribeSecurityGroups"):
        response = clients.ec2.describe_security_groups(Filters=[{"Name": "group-id", "Values": group_ids}])
    missing = sorted(set(group_ids) - {group["GroupId"] for group in response["SecurityGroups"]})
    if missing:
        fix = "choose existing security groups in the server's launch template"
        yield failed("launch.security_groups", server.label, f"{', '.join(missing)} does not exist", fix)
    else:
        yield ok("launch.security_groups", server.label, f"{', '.join(group_ids)} exist")


def _subnet_of(template: Mapping[str, Any]) -> str | None:
    interfaces = template.get("NetworkInterfaces") or [{}]
    subnet = interfaces[0].get("SubnetId")
    return None if subnet is None else str(subnet)


def _check_subnets(clients: CheckClients, servers_by_subnet: Mapping[str, int]) -> Iterator[ReadinessFinding]:
    """Check that each subnet exists and has a free address for every server that launches into it."""
    if not servers_by_subnet:
        return
    with translate_errors("ec2:DescribeSubnets"):
        response = clients.ec2.describe_subnets(Filters=[{"Name": "subnet-id", "Values": sorted(servers_by_subnet)}])
    free = {subnet["SubnetId"]: subnet["AvailableIpAddressCount"] for subnet in response["Subnets"]}
    for subnet, servers in sorted(servers_by_subnet.items()):
        fix = "choose another subnet in the launch templates, or free up addresses"
        if subnet not in free:
            yield failed("launch.subnet", subnet, f"it does not exist, and {servers} servers would launch into it", fix)
            continue
        detail = f"{free[subnet]} free addresses for {servers} servers"
        if free[subnet] < servers:
            yield failed("launch.subnet", subnet, detail, fix)
        elif free[subnet] < servers + _SPARE_ADDRESSES:
            yield warning("launch.subnet", subnet, detail, fix)
        else:
            yield ok("launch.subnet", subnet, detail)


def _check_blocking_instances(servers: Sequence[SourceServer], clients: CheckClients) -> Iterator[ReadinessFinding]:
    """Check that no recovery instance of an earlier launch is left, since a launch would replace it."""
    if not servers:
        return
    instances = queries.list_recovery_instances(clients.drs, [server.id for server in servers])
    ec2_instances = describe_instances(clients.ec2, [instance.ec2_instance for instance in instances])
    blocking = {instance.server: instance for instance in instances if blocks_launch(instance, ec2_instances)}
    for server in servers:
        if server.id in blocking:
            instance_id = blocking[server.id].ec2_instance
            fix = "end the drill or failover that it belongs to; if nothing uses it, terminate it"
            detail = f"a launch would replace the running recovery instance {instance_id}"
            yield failed("launch.in_the_way", server.label, detail, fix)
        else:
            yield ok("launch.in_the_way", server.label, "no instance of an earlier launch is left")


CHECK = ReadinessCheck("launch", check)
