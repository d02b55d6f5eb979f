"""Termination protection of recovery instances. Each change is read back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from leeward.common.aws.clients import translate_errors
from leeward.common.errors import Busy
from leeward.drs.api import queries
from leeward.drs.inventory.recovery_instances import describe_missing_instances, require_recovery_instances
from leeward.drs.inventory.recovery_jobs import RUN_TAG
from leeward.drs.inventory.server_groups import ServerGroup, resolve_groups

if TYPE_CHECKING:
    from mypy_boto3_drs import DrsClient
    from mypy_boto3_ec2 import EC2Client


def protect_instances(
    drs: DrsClient, ec2: EC2Client, groups: Sequence[ServerGroup], region: str
) -> tuple[list[str], str]:
    """Turn termination protection on for the groups' recovery instances.

    Return their EC2 IDs, and text that names servers without a recovery instance. Raises NotFound when no server of
    any group has a recovery instance.
    """
    servers = list({s.id: s for _, found in resolve_groups(drs, groups, region) for s in found}.values())
    found = require_recovery_instances(drs, servers, region)
    ids = sorted({instance.ec2_instance for instance in found.values()})
    return set_termination_protection(ec2, ids, protected=True), describe_missing_instances(servers, found)


def unprotect_instances(
    drs: DrsClient, ec2: EC2Client, groups: Sequence[ServerGroup], region: str, run: str
) -> list[str]:
    """Turn termination protection off for the instances that the run's own jobs launched. Return their EC2 IDs."""
    ids: set[str] = set()
    for _, servers in resolve_groups(drs, groups, region):
        instances = [i for i in queries.list_recovery_instances(drs, [s.id for s in servers]) if i.is_live and i.job]
        own = {
            j.id for j in queries.get_jobs(drs, sorted({i.job or "" for i in instances})) if j.tags.get(RUN_TAG) == run
        }
        ids |= {instance.ec2_instance for instance in instances if instance.job in own}
    return set_termination_protection(ec2, sorted(ids), protected=False)


def set_termination_protection(ec2: EC2Client, ids: Sequence[str], *, protected: bool) -> list[str]:
    """Set termination protection of EC2 instances and read it back. Raises Busy if the change isn't visible yet."""
    for instance in ids:
        with translate_errors("ec2:ModifyInstanceAttribute"):
            ec2.modify_instance_attribute(InstanceId=instance, DisableApiTermination={"Value": protected})
    unconfirmed = [instance for instance in ids if _is_protected(ec2, instance) is not protected]
    if unconfirmed:
        # EC2 is eventually consistent. The task is retried and sets the same value again.
        wanted = "on" if protected else "off"
        raise Busy(f"termination protection of {', '.join(unconfirmed)} was set {wanted}, but does not show yet")
    return list(ids)


def _is_protected(ec2: EC2Client, instance: str) -> bool:
    with translate_errors("ec2:DescribeInstanceAttribute"):
        answer = ec2.describe_instance_attribute(InstanceId=instance, Attribute="disableApiTermination")
        return bool(answer["DisableApiTermination"]["Value"])
