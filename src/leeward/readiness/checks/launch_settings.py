"""Would what is launched run, where it is to run?"""

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
from leeward.readiness.model.readiness_input import ReadinessInput

# Of a subnet's addresses; a failover that takes the last of them leaves none to replace a server.
_SPARE_ADDRESSES = 8


def check(inputs: ReadinessInput, clients: CheckClients) -> Iterator[ReadinessFinding]:
    """Launch settings, launch templates and what these name; and whether an earlier launch stands in the way."""
    servers = find_protected_servers(inputs, clients)
    wanted: dict[str, int] = {}
    for server in servers:
        with translate_errors("drs:GetLaunchConfiguration"):
            settings = clients.drs.get_launch_configuration(sourceServerID=server.id)
        yield _check_disposition(server, settings.get("launchDisposition"))
        template = settings.get("ec2LaunchTemplateID", "")
        found = _find_template(clients, template)
        if found is None:
            fix = "DRS console, the server's launch settings: save them, which makes a new EC2 launch template"
            yield failed("launch.template", server.label, f"its launch template {template or '(none)'} is gone", fix)
            continue
        yield ok("launch.template", server.label, f"{template} is there")
        yield from _check_instance_type(server, clients, found)
        yield from _check_security_groups(server, clients, found)
        subnet = _subnet_of(found)
        if subnet is not None:
            wanted[subnet] = wanted.get(subnet, 0) + 1
    yield from _check_subnets(clients, wanted)
    yield from _check_blocking_instances(servers, clients)


def _check_disposition(server: SourceServer, disposition: str | None) -> ReadinessFinding:
    check = "launch.disposition"
    if disposition == LaunchDisposition.STARTED:
        return ok(check, server.label, "launched instances are started")
    fix = "DRS console, the server's launch settings: set Start instance upon launch"
    return failed(check, server.label, f"launchDisposition is {disposition}: the instance would stay stopped", fix)


def _find_template(clients: CheckClients, template: str) -> Mapping[str, Any] | None:
    """The data of the template's default version; None where there is none."""
    if not template:
        return None
    try:
        with translate_errors("ec2:DescribeLaunchTemplateVersions"):
            answer = clients.ec2.describe_launch_template_versions(LaunchTemplateId=template, Versions=["$Default"])
    except NotFound:
        return None
    versions = answer["LaunchTemplateVersions"]
    return versions[0].get("LaunchTemplateData", {}) if versions else None


def _check_instance_type(
    server: SourceServer, clients: CheckClients, template: Mapping[str, Any]
) -> Iterator[ReadinessFinding]:
    wanted = template.get("InstanceType")
    if wanted is None:  # DRS chooses one of its own when it launches (right-sizing)
        return
    with translate_errors("ec2:DescribeInstanceTypeOfferings"):
        offers = clients.ec2.describe_instance_type_offerings(Filters=[{"Name": "instance-type", "Values": [wanted]}])
    if offers["InstanceTypeOfferings"]:
        yield ok("launch.instance_type", server.label, f"{wanted} is offered in {clients.region}")
    else:
        fix = f"choose another instance type in the server's launch template; {clients.region} has none of this one"
        yield failed("launch.instance_type", server.label, f"{wanted} is not offered in {clients.region}", fix)


def _check_security_groups(
    server: SourceServer, clients: CheckClients, template: Mapping[str, Any]
) -> Iterator[ReadinessFinding]:
    interfaces = template.get("NetworkInterfaces") or [{}]
    wanted = [*(interfaces[0].get("Groups") or []), *(template.get("SecurityGroupIds") or [])]
    if not wanted:
        return
    with translate_errors("ec2:DescribeSecurityGroups"):
        answer = clients.ec2.describe_security_groups(Filters=[{"Name": "group-id", "Values": wanted}])
    missing = sorted(set(wanted) - {group["GroupId"] for group in answer["SecurityGroups"]})
    if missing:
        fix = "name a security group that exists in the server's launch template"
        yield failed("launch.security_groups", server.label, f"there is no {', '.join(missing)}", fix)
    else:
        yield ok("launch.security_groups", server.label, f"{', '.join(wanted)} exist")


def _subnet_of(template: Mapping[str, Any]) -> str | None:
    interfaces = template.get("NetworkInterfaces") or [{}]
    found = interfaces[0].get("SubnetId")
    return None if found is None else str(found)


def _check_subnets(clients: CheckClients, servers_by_subnet: Mapping[str, int]) -> Iterator[ReadinessFinding]:
    """Each subnet that templates name exists, and has an address for every server that is to come to it."""
    if not servers_by_subnet:
        return
    with translate_errors("ec2:DescribeSubnets"):
        answer = clients.ec2.describe_subnets(Filters=[{"Name": "subnet-id", "Values": sorted(servers_by_subnet)}])
    free = {subnet["SubnetId"]: subnet["AvailableIpAddressCount"] for subnet in answer["Subnets"]}
    for subnet, servers in sorted(servers_by_subnet.items()):
        fix = "name another subnet in the launch templates, or free addresses"
        if subnet not in free:
            yield failed("launch.subnet", subnet, f"{servers} servers are to be launched into it, and it is gone", fix)
            continue
        told = f"{free[subnet]} free addresses for {servers} servers"
        if free[subnet] < servers:
            yield failed("launch.subnet", subnet, told, fix)
        elif free[subnet] < servers + _SPARE_ADDRESSES:
            yield warning("launch.subnet", subnet, told, fix)
        else:
            yield ok("launch.subnet", subnet, told)


def _check_blocking_instances(servers: Sequence[SourceServer], clients: CheckClients) -> Iterator[ReadinessFinding]:
    """A launch would replace a recovery instance that is left from an earlier one."""
    if not servers:
        return
    found = queries.list_recovery_instances(clients.drs, [server.id for server in servers])
    seen = describe_instances(clients.ec2, [instance.ec2_instance for instance in found]) if found else {}
    standing = {instance.server: instance for instance in found if blocks_launch(instance, seen)}
    for server in servers:
        if server.id in standing:
            machine = standing[server.id].ec2_instance
            fix = "end the drill or the failover that it belongs to; terminate it where nothing uses it"
            told = f"a live recovery instance, {machine}, which a launch would replace"
            yield failed("launch.in_the_way", server.label, told, fix)
        else:
            yield ok("launch.in_the_way", server.label, "nothing of an earlier launch is left")
