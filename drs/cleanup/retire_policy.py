"""Decide the next action to retire a server's copy after a failback. Pure.

The actions follow the order of AWS (DRS user guide, "Performing a failback"): stop the replication of the copy,
terminate the recovery instance, delete the record of the other recovery instance, then disconnect and delete the
failback source server. The decision depends only on the remaining resources, so an interrupted cleanup can continue
after any call.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from leeward.drs.api.models import RecoveryInstance, SourceServer
from leeward.drs.api.states import ReplicationDirection, ReplicationState
from leeward.drs.inventory.recovery_instances import Ec2Instance
from leeward.drs.protection.protection_proof import unproven_reason


class RetireAction(StrEnum):
    """The next action of a cleanup: one call, or none."""

    NONE = "nothing is left"
    WAIT = "its recovery instance is being terminated"
    STOP_REPLICATION = "stopping the replication of the way back"
    TERMINATE = "terminating its recovery instance"
    ASK_AGAIN = "DRS lists no recovery instance of it, and EC2 still has its machine: asking again"
    DELETE_INSTANCE = "taking the machine that failed back off the record"
    DISCONNECT = "disconnecting the way back"
    DELETE_SERVER = "deleting the way back"


@dataclass(frozen=True, slots=True)
class CopyInventory:
    """The resources of one server in both Regions.

    In the Region of the copies, `server` protects the instance that serves users, and `copies` are the recovery
    instances. In the serving Region, `failback_servers` are the failback source servers, `launched` are the recovery
    instances launched from them, and `ec2_instances` are EC2 instances by ID.

    When DRS lists no copy, `unlisted_instances` holds the EC2 state, in the Region of the copies, of the instances that
    the failback servers replicate. `is_busy` means that a job is working on `server`.
    """

    server: SourceServer
    copies: tuple[RecoveryInstance, ...]
    failback_servers: tuple[SourceServer, ...]
    launched: tuple[RecoveryInstance, ...]
    ec2_instances: Mapping[str, Ec2Instance]
    is_busy: bool
    unlisted_instances: Mapping[str, Ec2Instance] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """Return whether nothing is left to retire."""
        return not (self.copies or self.failback_servers or self.launched)

    @property
    def replicated_instances(self) -> list[str]:
        """Return the EC2 IDs that the failback servers replicate, which are the IDs of the copies."""
        return sorted({failback_server.machine for failback_server in self.failback_servers if failback_server.machine})


def find_objection(inventory: CopyInventory, other_region: str, max_lag: timedelta, now: datetime) -> str | None:
    """Return why nothing may be destroyed, or None if the new protection is proven or nothing is left to destroy."""
    if inventory.is_empty:
        return None
    server = inventory.server
    if server.direction is not ReplicationDirection.FAILOVER:
        return f"it is the {server.direction.value} server itself: are the Regions mixed up?"
    wrong_direction = [
        failback_server.id
        for failback_server in inventory.failback_servers
        if failback_server.direction is not ReplicationDirection.FAILBACK
    ]
    if wrong_direction:
        names = ", ".join(wrong_direction)
        return f"its opposite {names} in {other_region} is no FAILBACK server: are the Regions mixed up?"
    serving = {i.ec2_instance for i in inventory.launched if i.is_live and not i.is_drill}
    if inventory.copies and not serving:
        # The record is deleted only after the copies are gone. Without it, nothing proves that a failback happened.
        return f"no machine that a failback launched in {other_region} is on record"
    if serving and server.machine not in serving:
        return f"it protects {server.machine or 'an unknown machine'}, not {', '.join(sorted(serving))}, which serves"
    return unproven_reason(server, other_region, inventory.ec2_instances, now, max_lag=max_lag)


def next_action(inventory: CopyInventory) -> RetireAction:
    """Return the next action. Call this only if `find_objection` returns None."""
    if any(failback_server.replication.state.is_replicating for failback_server in inventory.failback_servers):
        return RetireAction.STOP_REPLICATION
    if inventory.copies:
        return RetireAction.WAIT if inventory.is_busy else RetireAction.TERMINATE
    if any(not instance.is_gone for instance in inventory.unlisted_instances.values()):
        # The next actions require that the copies are gone. After them, nothing proves that a failback happened.
        return RetireAction.ASK_AGAIN
    return _next_record_action(inventory)


def _next_record_action(inventory: CopyInventory) -> RetireAction:
    """Return the next action for the DRS records of the failback, once the copy is gone."""
    if inventory.launched:
        return RetireAction.DELETE_INSTANCE
    if any(
        failback_server.replication.state is ReplicationState.STOPPED for failback_server in inventory.failback_servers
    ):
        return RetireAction.DISCONNECT
    if inventory.failback_servers:
        return RetireAction.DELETE_SERVER
    return RetireAction.NONE
