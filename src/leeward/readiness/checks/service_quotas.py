"""Check that the target Region's service quotas allow the launch of all servers."""

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
from leeward.readiness.model.readiness_check import ReadinessCheck
from leeward.readiness.model.readiness_input import ReadinessInput

# "Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances", counted in vCPUs (Service Quotas, EC2).
_STANDARD_VCPU_QUOTA = "L-1216C47A"
_STANDARD_FAMILIES = "acdhimrtz"
_NEAR_LIMIT = 0.9


def check(inputs: ReadinessInput, clients: CheckClients) -> Iterator[ReadinessFinding]:
    """Check the DRS quotas for source servers and jobs, and the EC2 quota for vCPUs."""
    servers = find_protected_servers(inputs, clients)
    if not servers:
        return
    limits = LaunchQuotas()
    source_servers = queries.count_source_servers(clients.drs)
    detail = f"{source_servers} source servers of {limits.replicating_servers} in {clients.region}"
    fix = "request an increase in Service Quotas, or replicate into a second account"
    yield (
        failed("quota.source_servers", "drs", detail, fix)
        if source_servers > limits.replicating_servers
        else warning("quota.source_servers", "drs", detail, fix)
        if source_servers > _NEAR_LIMIT * limits.replicating_servers
        else ok("quota.source_servers", "drs", detail)
    )
    headroom = quota_headroom(queries.list_jobs_since(clients.drs, clients.now - timedelta(hours=24)), limits)
    detail = f"{headroom.jobs} more jobs and {headroom.servers} more servers in jobs are allowed"
    if headroom.jobs == 0 or headroom.servers < len(servers):
        fix = "wait until the running jobs have ended (DRS console, Recovery job history)"
        yield failed("quota.jobs", "drs", f"{detail}; the launch needs {len(servers)} servers", fix)
    else:
        yield ok("quota.jobs", "drs", detail)
    yield _check_vcpus(clients, [_launch_type(clients, server.id) for server in servers])


def _check_vcpus(clients: CheckClients, launch_types: list[str | None]) -> ReadinessFinding:
    check, subject = "quota.vcpus", f"EC2 in {clients.region}"
    fix = f"request an increase in Service Quotas, EC2, {_STANDARD_VCPU_QUOTA} (Running On-Demand Standard instances)"
    try:
        with translate_errors("servicequotas:GetServiceQuota"):
            response = clients.client("service-quotas").get_service_quota(
                ServiceCode="ec2", QuotaCode=_STANDARD_VCPU_QUOTA
            )
        quota = float(response["Quota"]["Value"])
        vcpus = _vcpus_by_type(
            clients, sorted({t for t in launch_types if t} | set(running_types := _running_types(clients)))
        )
    except LeewardError as error:
        return unknown(check, subject, f"the quota can't be read ({error})", "grant servicequotas:GetServiceQuota")
    used_vcpus = sum(vcpus.get(instance_type, 0) for instance_type in running_types)
    launch_vcpus = sum(vcpus.get(instance_type, 0) for instance_type in launch_types if instance_type)
    detail = f"{used_vcpus} vCPUs are running, the launch adds {launch_vcpus}, the quota is {quota:.0f}"
    if used_vcpus + launch_vcpus > quota:
        return failed(check, subject, detail, fix)
    return (
        warning(check, subject, detail, fix)
        if used_vcpus + launch_vcpus > _NEAR_LIMIT * quota
        else ok(check, subject, detail)
    )


def _launch_type(clients: CheckClients, server: str) -> str | None:
    with translate_errors("drs:GetLaunchConfiguration"):
        template = clients.drs.get_launch_configuration(sourceServerID=server).get("ec2LaunchTemplateID")
    if not template:
        return None
    try:
        with translate_errors("ec2:DescribeLaunchTemplateVersions"):
            response = clients.ec2.describe_launch_template_versions(LaunchTemplateId=template, Versions=["$Default"])
    except LeewardError:
        return None  # launch_settings reports it
    versions = response["LaunchTemplateVersions"]
    return versions[0].get("LaunchTemplateData", {}).get("InstanceType") if versions else None


def _running_types(clients: CheckClients) -> list[str]:
    """Return the type of each running instance whose family counts toward the quota. Types may repeat."""
    types = []
    with translate_errors("ec2:DescribeInstances"):
        pages = clients.ec2.get_paginator("describe_instances").paginate(
            Filters=[{"Name": "instance-state-name", "Values": ["pending", "running"]}]
        )
        for page in pages:
            for reservation in page["Reservations"]:
                types += [
                    str(instance["InstanceType"]) for instance in reservation["Instances"] if "InstanceType" in instance
                ]
    return [instance_type for instance_type in types if instance_type[:1] in _STANDARD_FAMILIES]


def _vcpus_by_type(clients: CheckClients, types: list[str]) -> dict[str, int]:
    if not types:
        return {}
    with translate_errors("ec2:DescribeInstanceTypes"):
        response = clients.client("ec2").describe_instance_types(InstanceTypes=types)
    return {
        description["InstanceType"]: int(description["VCpuInfo"]["DefaultVCpus"])
        for description in response["InstanceTypes"]
    }


CHECK = ReadinessCheck("quota", check)
