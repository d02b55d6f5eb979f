"""Termination protection of recovery instances. Each change is read back.

EC2 sets and shows the attribute of one instance per call, and lists it nowhere. So the instances are done one after the
other, and a change of many instances keeps its place in a memo.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from leeward.common.aws.clients import translate_errors
from leeward.common.claims.types.server_claims import Protected
from leeward.common.errors import Busy
from leeward.common.polling import PollResult
from leeward.common.task_calls.call_time import leave_rest
from leeward.common.task_calls.memo import Memo
from leeward.drs.api import queries
from leeward.drs.inventory.recovery_instances import describe_missing_instances, require_recovery_instances
from leeward.drs.inventory.recovery_jobs import RUN_TAG
from leeward.drs.inventory.server_groups import ServerGroup, resolve_groups

if TYPE_CHECKING:
    from mypy_boto3_drs import DrsClient
    from mypy_boto3_ec2 import EC2Client


class ProtectionChange(Memo):
    """A change of several instances (EC2 IDs): the first `done` of `ids` are changed, and their attribute shows it.

    `missing` is text that names servers without an instance.
    """

    protected: bool
    ids: tuple[str, ...]
    done: int = 0
    missing: str = ""

    def advance(self, ec2: EC2Client) -> PollResult:
        """Change further instances, as many as the time of the call allows.

        An instance whose attribute doesn't show the change yet, because EC2 is eventually consistent, is set again
        after the others.
        """
        ids, done = list(self.ids), self.done
        for instance in self.ids[self.done :]:
            if leave_rest():
                break
            try:
                set_termination_protection(ec2, [instance], protected=self.protected)
                done += 1
            except Busy:
                ids.remove(instance)
                ids.append(instance)
        if done == len(ids):
            claim = Protected(on=self.protected, instances=tuple(sorted(ids)), missing=self.missing)
            return PollResult.reached(claim)
        word = "on" if self.protected else "off"
        progress = self.model_copy(update={"ids": tuple(ids), "done": done})
        detail = f"termination protection of {done} of {len(ids)} instances is {word}"
        return PollResult(False, detail, memo=progress.model_dump_json())


def begin_protection(drs: DrsClient, groups: Sequence[ServerGroup], region: str) -> ProtectionChange:
    """Return the change that protects the groups' recovery instances.

    Raises NotFound when no server of any group has a recovery instance.
    """
    servers = list({s.id: s for _, found in resolve_groups(drs, groups, region) for s in found}.values())
    found = require_recovery_instances(drs, servers, region)
    if len(found) < len(servers):  # a second list shows whether the first one was complete
        found |= require_recovery_instances(drs, servers, region)
    ids = sorted({instance.ec2_instance for instance in found.values()})
    return ProtectionChange(protected=True, ids=tuple(ids), missing=describe_missing_instances(servers, found))


def end_protection(drs: DrsClient, groups: Sequence[ServerGroup], region: str, run: str) -> ProtectionChange:
    """Return the change that turns protection off for the instances that the run's own jobs launched."""
    servers = sorted({s.id for _, found in resolve_groups(drs, groups, region) for s in found})
    instances = [i for i in queries.list_recovery_instances(drs, servers) if i.is_live and i.job]
    jobs = queries.get_jobs(drs, sorted({i.job or "" for i in instances}))
    own = {job.id for job in jobs if job.tags.get(RUN_TAG) == run}
    ids = {instance.ec2_instance for instance in instances if instance.job in own}
    return ProtectionChange(protected=False, ids=tuple(sorted(ids)))


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
