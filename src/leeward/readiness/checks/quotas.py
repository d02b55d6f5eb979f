"""Would the quotas of the Region that is entered let all of it run at once?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from leeward.common.aws import naming_errors
from leeward.common.errors import LeewardError
from leeward.drs import calls
from leeward.drs.decision import Quotas, room
from leeward.readiness.findings import Finding, failed, ok, unknown, warning
from leeward.readiness.lookup import protected
from leeward.readiness.reach import Reach
from leeward.readiness.subject import Subject

# "Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances", counted in vCPUs (Service Quotas, EC2).
_STANDARD_VCPUS = "L-1216C47A"
_STANDARD = "acdhimrtz"
_NEAR = 0.9


def look(subject: Subject, reach: Reach) -> Iterator[Finding]:
    """DRS's source servers and jobs, and EC2's vCPUs."""
    servers = protected(subject, reach)
    if not servers:
        return
    limits = Quotas()
    there = calls.all_server_count(reach.drs)
    told = f"{there} source servers of {limits.replicating_servers} in {reach.region}"
    fix = "ask for more in Service Quotas, or replicate into a second account"
    yield (
        failed("quota.source_servers", "drs", told, fix)
        if there > limits.replicating_servers
        else warning("quota.source_servers", "drs", told, fix)
        if there > _NEAR * limits.replicating_servers
        else ok("quota.source_servers", "drs", told)
    )
    left = room(calls.jobs_since(reach.drs, reach.now - timedelta(hours=24)), limits)
    told = f"room for {left.jobs} more jobs and {left.servers} more servers in jobs"
    if left.jobs == 0 or left.servers < len(servers):
        fix = "wait until the jobs that run now have ended (DRS console, Recovery job history)"
        yield failed("quota.jobs", "drs", f"{told}, for {len(servers)} servers", fix)
    else:
        yield ok("quota.jobs", "drs", told)
    yield _vcpus(reach, [_launched_type(reach, server.id) for server in servers])


def _vcpus(reach: Reach, types: list[str | None]) -> Finding:
    check, subject = "quota.vcpus", f"EC2 in {reach.region}"
    fix = f"ask for more in Service Quotas, EC2, {_STANDARD_VCPUS} (Running On-Demand Standard instances)"
    try:
        with naming_errors("servicequotas:GetServiceQuota"):
            answer = reach.of("service-quotas").get_service_quota(ServiceCode="ec2", QuotaCode=_STANDARD_VCPUS)
        quota = float(answer["Quota"]["Value"])
        sizes = _sizes(reach, sorted({t for t in types if t} | set(running := _running(reach))))
    except LeewardError as error:
        return unknown(check, subject, f"the quota could not be read ({error})", "grant servicequotas:GetServiceQuota")
    used = sum(sizes.get(kind, 0) for kind in running)
    wanted = sum(sizes.get(kind, 0) for kind in types if kind)
    told = f"{used} vCPUs run, the launch adds {wanted}, the quota is {quota:.0f}"
    if used + wanted > quota:
        return failed(check, subject, told, fix)
    return warning(check, subject, told, fix) if used + wanted > _NEAR * quota else ok(check, subject, told)


def _launched_type(reach: Reach, server: str) -> str | None:
    with naming_errors("drs:GetLaunchConfiguration"):
        template = reach.drs.get_launch_configuration(sourceServerID=server).get("ec2LaunchTemplateID")
    if not template:
        return None
    try:
        with naming_errors("ec2:DescribeLaunchTemplateVersions"):
            answer = reach.ec2.describe_launch_template_versions(LaunchTemplateId=template, Versions=["$Default"])
    except LeewardError:
        return None  # the launch check tells of it
    versions = answer["LaunchTemplateVersions"]
    return versions[0].get("LaunchTemplateData", {}).get("InstanceType") if versions else None


def _running(reach: Reach) -> list[str]:
    """The instance types that run now, one entry per instance, of the families that share the quota."""
    found = []
    with naming_errors("ec2:DescribeInstances"):
        pages = reach.ec2.get_paginator("describe_instances").paginate(
            Filters=[{"Name": "instance-state-name", "Values": ["pending", "running"]}]
        )
        for page in pages:
            for reservation in page["Reservations"]:
                found += [str(i["InstanceType"]) for i in reservation["Instances"] if "InstanceType" in i]
    return [kind for kind in found if kind[:1] in _STANDARD]


def _sizes(reach: Reach, types: list[str]) -> dict[str, int]:
    if not types:
        return {}
    with naming_errors("ec2:DescribeInstanceTypes"):
        answer = reach.of("ec2").describe_instance_types(InstanceTypes=types)
    return {kind["InstanceType"]: int(kind["VCpuInfo"]["DefaultVCpus"]) for kind in answer["InstanceTypes"]}
