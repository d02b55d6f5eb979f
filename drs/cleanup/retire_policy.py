"""What to do next to retire a copy after a failback, judged from what DRS and EC2 say of it. Pure.

One machine, in AWS's own order (DRS user guide, "Performing a failback"): stop the replication of the copy, terminate
the recovery instance, delete the other recovery instance's record, disconnect and delete the failback source server.
Each act is chosen from what is still there, so that it does not matter after which call an earlier try broke off.
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
    """One call, or none."""

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
    """What one machine has in both Regions.

    `server` protects it, in the Region that is retired; `copies` are the recovery instances there. In the Region where
    the machine serves again: `ways_back`, the failback source servers, and `launched`, what was launched from them.
    `machines`: what EC2 of that Region says. `bodies`: what EC2 of the Region that is retired says of the machines that
    the ways back replicate, where DRS lists no copy. `busy`: a job works on `server`.
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
        """Nothing is left to retire."""
        return not (self.copies or self.failback_servers or self.launched)

    @property
    def replicated_instances(self) -> list[str]:
        """The EC2 ids of the machines that the ways back replicate: the copies', by another record."""
        return sorted({way.machine for way in self.failback_servers if way.machine})


def find_objection(inventory: CopyInventory, other_region: str, max_lag: timedelta, now: datetime) -> str | None:
    """Why nothing of it may be destroyed; None when the new protection is proven, or nothing is left to destroy."""
    if inventory.is_empty:
        return None
    server = inventory.server
    if server.direction is not ReplicationDirection.FAILOVER:
        return f"it is the {server.direction.value} server itself: are the Regions mixed up?"
    forward = [way.id for way in inventory.failback_servers if way.direction is not ReplicationDirection.FAILBACK]
    if forward:
        return f"its opposite {', '.join(forward)} in {other_region} is no FAILBACK server: are the Regions mixed up?"
    serving = {i.ec2_instance for i in inventory.launched if i.is_live and not i.is_drill}
    if inventory.copies and not serving:
        # Its record is deleted only after the copies are gone, so that without it nothing says that anyone failed back.
        return f"no machine that a failback launched in {other_region} is on record"
    if serving and server.machine not in serving:
        return f"it protects {server.machine or 'an unknown machine'}, not {', '.join(sorted(serving))}, which serves"
    return unproven_reason(server, other_region, inventory.ec2_instances, now, max_lag=max_lag)


def next_action(inventory: CopyInventory) -> RetireAction:
    """What comes next, once there is no objection."""
    if any(way.replication.state.is_replicating for way in inventory.failback_servers):
        return RetireAction.STOP_REPLICATION
    if inventory.copies:
        return RetireAction.WAIT if inventory.is_busy else RetireAction.TERMINATE
    if any(not body.is_gone for body in inventory.unlisted_instances.values()):
        # That the copies are gone is what the next acts rest on, and after them nothing proves that anyone failed back.
        return RetireAction.ASK_AGAIN
    return _next_record_action(inventory)


def _next_record_action(inventory: CopyInventory) -> RetireAction:
    """Once the copy is gone: what DRS still has on record of the way back."""
    if inventory.launched:
        return RetireAction.DELETE_INSTANCE
    if any(way.replication.state is ReplicationState.STOPPED for way in inventory.failback_servers):
        return RetireAction.DISCONNECT
    if inventory.failback_servers:
        return RetireAction.DELETE_SERVER
    return RetireAction.NONE
