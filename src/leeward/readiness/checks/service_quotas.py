"""Would the quotas of the Region that is entered let all of it run at once?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from leeward.common.aws.clients import translate_errors
from leeward.common.errors import LeewardError
from leeward.drs.api import queries
from leeward.drs.launch.launch_plan import LaunchQuotas, quota_headroom
from leeward.readiness.lookups.protected_servers import find_protected_servers
from leeward.readiness.model.check_clients import CheckClients
from leeward.readiness.model.findings import ReadinessFinding, failed, ok, unknown, warning
from leeward.readiness.model.readiness_input import ReadinessInput

# "Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances", counted in vCPUs (Service Quotas, EC2).
_STANDARD_VCPU_QUOTA = "L-1216C47A"
_STANDARD_FAMILIES = "acdhimrtz"
_NEAR_LIMIT = 0.9


def check(inputs: ReadinessInput, clients: CheckClients) -> Iterator[ReadinessFinding]:
    """DRS's source servers and jobs, and EC2's vCPUs."""
    servers = find_protected_servers(inputs, clients)
    if not servers:
        return
    limits = LaunchQuotas()
    there = queries.count_source_servers(clients.drs)
    told = f"{there} source servers of {limits.replicating_servers} in {clients.region}"
    fix = "ask for more in Service Quotas, or replicate into a second account"
    yield (
        failed("quota.source_servers", "drs", told, fix)
        if there > limits.replicating_servers
        else warning("quota.source_servers", "drs", told, fix)
        if there > _NEAR_LIMIT * limits.replicating_servers
        else ok("quota.source_servers", "drs", told)
    )
    left = quota_headroom(queries.list_jobs_since(clients.drs, clients.now - timedelta(hours=24)), limits)
    told = f"room for {left.jobs} more jobs and {left.servers} more servers in jobs"
    if left.jobs == 0 or left.servers < len(servers):
        fix = "wait until the jobs that run now have ended (DRS console, Recovery job history)"
        yield failed("quota.jobs", "drs", f"{told}, for {len(servers)} servers", fix)
    else:
        yield ok("quota.jobs", "drs", told)
    yield _check_vcpus(clients, [_launch_type(clients, server.id) for server in servers])


def _check_vcpus(clients: CheckClients, types: list[str | None]) -> ReadinessFinding:
    check, subject = "quota.vcpus", f"EC2 in {clients.region}"
    fix = f"ask for more in Service Quotas, EC2, {_STANDARD_VCPU_QUOTA} (Running On-Demand Standard instances)"
    try:
        with translate_errors("servicequotas:GetServiceQuota"):
            answer = clients.client("service-quotas").get_service_quota(
                ServiceCode="ec2", QuotaCode=_STANDARD_VCPU_QUOTA
            )
        quota = float(answer["Quota"]["Value"])
        sizes = _vcpus_by_type(clients, sorted({t for t in types if t} | set(running := _running_types(clients))))
    except LeewardError as error:
        return unknown(check, subject, f"the quota could not be read ({error})", "grant servicequotas:GetServiceQuota")
    used = sum(sizes.get(kind, 0) for kind in running)
    wanted = sum(sizes.get(kind, 0) for kind in types if kind)
    told = f"{used} vCPUs run, the launch adds {wanted}, the quota is {quota:.0f}"
    if used + wanted > quota:
        return failed(check, subject, told, fix)
    return warning(check, subject, told, fix) if used + wanted > _NEAR_LIMIT * quota else ok(check, subject, told)


def _launch_type(clients: CheckClients, server: str) -> str | None:
    with translate_errors("drs:GetLaunchConfiguration"):
        template = clients.drs.get_launch_configuration(sourceServerID=server).get("ec2LaunchTemplateID")
    if not template:
        return None
    try:
        with translate_errors("ec2:DescribeLaunchTemplateVersions"):
            answer = clients.ec2.describe_launch_template_versions(LaunchTemplateId=template, Versions=["$Default"])
    except LeewardError:
        return None  # the launch check tells of it
    versions = answer["LaunchTemplateVersions"]
    return versions[0].get("LaunchTemplateData", {}).get("InstanceType") if versions else None


def _running_types(clients: CheckClients) -> list[str]:
    """The instance types that run now, one entry per instance, of the families that share the quota."""
    found = []
    with translate_errors("ec2:DescribeInstances"):
        pages = clients.ec2.get_paginator("describe_instances").paginate(
            Filters=[{"Name": "instance-state-name", "Values": ["pending", "running"]}]
        )
        for page in pages:
            for reservation in page["Reservations"]:
                found += [str(i["InstanceType"]) for i in reservation["Instances"] if "InstanceType" in i]
    return [kind for kind in found if kind[:1] in _STANDARD_FAMILIES]


def _vcpus_by_type(clients: CheckClients, types: list[str]) -> dict[str, int]:
    if not types:
        return {}
    with translate_errors("ec2:DescribeInstanceTypes"):
        answer = clients.client("ec2").describe_instance_types(InstanceTypes=types)
    return {kind["InstanceType"]: int(kind["VCpuInfo"]["DefaultVCpus"]) for kind in answer["InstanceTypes"]}
