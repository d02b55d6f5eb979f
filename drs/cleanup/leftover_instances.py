"""Terminate the EC2 instances that a failback leaves behind: those that neither serve users nor are protected.

Instances of live recovery instances are kept, and so are instances that a source server of the other Region protects.
A protected instance serves users, so nothing is terminated unless every server of the groups protects a running
instance. DRS may omit a server from a list, and a group may have no expected size. Therefore, nothing is terminated
either unless every instance that the run launched is protected.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from leeward.common.aws.clients import translate_errors
from leeward.common.claims.types.server_claims import Terminated
from leeward.common.errors import Busy, InvalidInput, NotProtected, SurprisingAnswer
from leeward.common.polling import PollResult
from leeward.common.task_calls.call_time import leave_rest
from leeward.drs.api import queries
from leeward.drs.api.queries import split_batches
from leeward.drs.api.states import Ec2State
from leeward.drs.inventory.recovery_instances import describe_instances, parse_instance_state
from leeward.drs.inventory.server_groups import ServerGroup, resolve_groups
from leeward.drs.protection import termination_protection
from leeward.drs.protection.protection_proof import unproven_reason

if TYPE_CHECKING:
    from mypy_boto3_drs import DrsClient
    from mypy_boto3_ec2 import EC2Client


_ENDED_STATES = frozenset({Ec2State.SHUTTING_DOWN, Ec2State.TERMINATED})


# The protection of a batch is turned off one instance at a time, so the batches are small.
_BATCH_SIZE = 10


@dataclass(frozen=True, slots=True)
class LeftoverInstances:
    """The leftover instances of `groups` in `region`.

    `other_drs` is the DRS client of the Region whose source servers protect the serving instances. `launched` holds the
    EC2 IDs that the run launched in `region`, without drills.
    """

    drs: DrsClient
    ec2: EC2Client
    region: str
    other_drs: DrsClient
    other_region: str
    groups: Sequence[ServerGroup]
    launched: Set[str] = frozenset()

    def advance(self, now: datetime) -> PollResult:
        """Terminate the leftover instances, or check the progress.

        Raises NotFound, InvalidInput, or, before anything is terminated, NotProtected or SurprisingAnswer.
        """
        untagged = [group.name for group in self.groups if not group.tags]
        if untagged:
            raise InvalidInput(
                f"leftover instances are found by tags, but these groups have none: {', '.join(untagged)}"
            )
        kept = self._kept_instances(now)
        found: dict[str, Ec2State] = {}
        for group in self.groups:
            found |= {i: state for i, state in self._tagged_instances(group.tags or {}).items() if i not in kept}
        to_terminate = sorted(i for i, state in found.items() if state not in _ENDED_STATES)
        if own_unprotected := sorted(self.launched & set(to_terminate)):
            raise NotProtected(
                f"nothing is terminated in {self.region}: this run launched {', '.join(own_unprotected)} there, and "
                f"DRS in {self.other_region} lists no source server that protects it. Try again, or protect it"
            )
        notes = self._terminate_instances(to_terminate) + [
            f"{i} shuts down" for i, s in found.items() if s is Ec2State.SHUTTING_DOWN
        ]
        if notes:
            return PollResult(False, "; ".join(notes))
        claim = Terminated(what="replaced", region=self.region, ids=tuple(sorted(found)), kept=tuple(kept))
        return PollResult.reached(claim)

    def _kept_instances(self, now: datetime) -> list[str]:
        servers = {
            s.id: s for _, found in resolve_groups(self.other_drs, self.groups, self.other_region) for s in found
        }.values()
        ec2_instances = describe_instances(self.ec2, sorted({server.machine for server in servers if server.machine}))
        unproven = [
            (server, why)
            for server in servers
            if (why := unproven_reason(server, self.region, ec2_instances, now, max_lag=None))
        ]
        if unproven:
            each = "; ".join(f"{server.label}: {why}" for server, why in unproven)
            raise NotProtected(f"nothing is terminated in {self.region}: {each}")
        protected = queries.list_protected_machines(self.other_drs, self.region)
        if omitted := {server.machine for server in servers if server.machine} - protected:
            raise SurprisingAnswer(
                f"drs:DescribeSourceServers in {self.other_region} first listed {', '.join(sorted(omitted))} as "
                f"protected, and then omitted it. Nothing is terminated in {self.region}. Try again"
            )
        launched = {i.ec2_instance for i in queries.list_all_recovery_instances(self.drs) if i.is_live}
        return sorted(launched | protected)

    def _tagged_instances(self, tags: Mapping[str, str]) -> dict[str, Ec2State]:
        """Return the state of every instance that has all of the tags, by ID.

        EC2 filters treat `*` and `?` as wildcards, so compare the tags again.
        """
        filters = [{"Name": f"tag:{key}", "Values": [value]} for key, value in tags.items()]
        with translate_errors("ec2:DescribeInstances"):
            pages = self.ec2.get_paginator("describe_instances").paginate(Filters=filters)  # type: ignore[arg-type]
            return {
                instance["InstanceId"]: parse_instance_state(instance["State"]["Name"])
                for page in pages
                for reservation in page["Reservations"]
                for instance in reservation["Instances"]
                if tags.items() <= {tag["Key"]: tag["Value"] for tag in instance.get("Tags", [])}.items()
            }

    def _terminate_instances(self, ids: Sequence[str]) -> list[str]:
        """Turn off termination protection, which an earlier failback may have set, then terminate the instances."""
        notes: list[str] = []
        for batch in split_batches(ids, _BATCH_SIZE):
            if leave_rest():
                return [*notes, "continues with the next poll"]
            try:
                termination_protection.set_termination_protection(self.ec2, batch, protected=False)
            except Busy as error:
                notes.append(f"{error}; looking again")
                continue
            with translate_errors("ec2:TerminateInstances"):
                self.ec2.terminate_instances(InstanceIds=list(batch))
            notes.append(f"terminating {', '.join(batch)}")
        return notes
