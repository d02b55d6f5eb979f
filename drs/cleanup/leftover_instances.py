"""The machines that a failback leaves behind in EC2: those of a group that neither serve nor are protected.

Kept is whatever a live recovery instance stands for and whatever a source server of the other Region protects. Which
machine serves follows from the latter: nothing is terminated unless every server of the group protects a running one.
DRS may leave a server out of its lists, and a group need not say how many it has; so nothing is terminated either
unless whatever the run itself has launched for the group is among the protected.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from leeward.common.aws.clients import translate_errors
from leeward.common.errors import Busy, InvalidInput, NotProtected, SurprisingAnswer
from leeward.common.polling import PollResult
from leeward.drs.api import queries
from leeward.drs.api.states import Ec2State
from leeward.drs.inventory.recovery_instances import describe_instances, parse_instance_state
from leeward.drs.inventory.server_groups import ServerGroup, resolve_groups
from leeward.drs.protection import termination_protection
from leeward.drs.protection.protection_proof import unproven_reason

if TYPE_CHECKING:
    from mypy_boto3_drs import DrsClient
    from mypy_boto3_ec2 import EC2Client


_ENDED_STATES = frozenset({Ec2State.SHUTTING_DOWN, Ec2State.TERMINATED})


@dataclass(frozen=True, slots=True)
class LeftoverInstances:
    """The machines of `groups` in `region`; `there` is DRS of the Region whose source servers protect them. `launched`:
    the EC2 ids of what the run has launched for good in `region`."""

    drs: DrsClient
    ec2: EC2Client
    region: str
    other_drs: DrsClient
    other_region: str
    groups: Sequence[ServerGroup]
    launched: Set[str] = frozenset()

    def advance(self, now: datetime) -> PollResult:
        """Terminate, or look how far it is. Raises NotProtected and SurprisingAnswer before anything is done,
        NotFound, InvalidInput."""
        untagged = [group.name for group in self.groups if not group.tags]
        if untagged:
            raise InvalidInput(f"machines are found by their tags, and no tags select {', '.join(untagged)}")
        kept = self._kept_instances(now)
        found: dict[str, Ec2State] = {}
        for group in self.groups:
            found |= {i: state for i, state in self._tagged_instances(group.tags or {}).items() if i not in kept}
        doomed = sorted(i for i, state in found.items() if state not in _ENDED_STATES)
        if ours := sorted(self.launched & set(doomed)):
            raise NotProtected(
                f"nothing is terminated in {self.region}: this run launched {', '.join(ours)} there, and DRS in "
                f"{self.other_region} lists no source server that protects it. Try again; where it stays so, protect it"
            )
        notes = self._terminate_instances(doomed) + [
            f"{i} shuts down" for i, s in found.items() if s is Ec2State.SHUTTING_DOWN
        ]
        if notes:
            return PollResult(False, "; ".join(notes))
        ended = ", ".join(sorted(found)) or "none"
        detail = f"terminated in {self.region}: {ended}; kept: {', '.join(kept)}"
        return PollResult(True, detail, {"terminated": sorted(found)})

    def _kept_instances(self, now: datetime) -> list[str]:
        servers = {
            s.id: s for _, found in resolve_groups(self.other_drs, self.groups, self.other_region) for s in found
        }.values()
        seen = describe_instances(self.ec2, sorted({server.machine for server in servers if server.machine}))
        doubts = [
            (server, why)
            for server in servers
            if (why := unproven_reason(server, self.region, seen, now, max_lag=None))
        ]
        if doubts:
            each = "; ".join(f"{server.label}: {why}" for server, why in doubts)
            raise NotProtected(f"nothing is terminated in {self.region}: {each}")
        protected = queries.list_protected_machines(self.other_drs, self.region)
        if left_out := {server.machine for server in servers if server.machine} - protected:
            raise SurprisingAnswer(
                f"drs:DescribeSourceServers in {self.other_region} first named {', '.join(sorted(left_out))} as "
                f"protected, and then left that out: nothing is terminated in {self.region} by such a list. Try again"
            )
        launched = {i.ec2_instance for i in queries.list_all_recovery_instances(self.drs) if i.is_live}
        return sorted(launched | protected)

    def _tagged_instances(self, tags: Mapping[str, str]) -> dict[str, Ec2State]:
        """Every machine that carries all of the tags, and its state. EC2's filters take `*` and `?` for wildcards, so
        that the tags are compared here again."""
        wanted = [{"Name": f"tag:{key}", "Values": [value]} for key, value in tags.items()]
        with translate_errors("ec2:DescribeInstances"):
            pages = self.ec2.get_paginator("describe_instances").paginate(Filters=wanted)  # type: ignore[arg-type]
            return {
                instance["InstanceId"]: parse_instance_state(instance["State"]["Name"])
                for page in pages
                for reservation in page["Reservations"]
                for instance in reservation["Instances"]
                if tags.items() <= {tag["Key"]: tag["Value"] for tag in instance.get("Tags", [])}.items()
            }

    def _terminate_instances(self, ids: Sequence[str]) -> list[str]:
        """An earlier failback's own termination protection comes off first."""
        if not ids:
            return []
        try:
            termination_protection.set_termination_protection(self.ec2, ids, protected=False)
        except Busy as error:
            return [f"{error}; looking again"]
        with translate_errors("ec2:TerminateInstances"):
            self.ec2.terminate_instances(InstanceIds=list(ids))
        return [f"terminating {', '.join(ids)}"]
