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

from leeward.drs.instances import Machine
from leeward.drs.model import RecoveryInstance, SourceServer
from leeward.drs.proof import unproven
from leeward.drs.states import Direction, ReplicationState


class Act(StrEnum):
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
class Estate:
    """What one machine has in both Regions.

    `server` protects it, in the Region that is retired; `copies` are the recovery instances there. In the Region where
    the machine serves again: `ways_back`, the failback source servers, and `launched`, what was launched from them.
    `machines`: what EC2 of that Region says. `bodies`: what EC2 of the Region that is retired says of the machines that
    the ways back replicate, where DRS lists no copy. `busy`: a job works on `server`.
    """

    server: SourceServer
    copies: tuple[RecoveryInstance, ...]
    ways_back: tuple[SourceServer, ...]
    launched: tuple[RecoveryInstance, ...]
    machines: Mapping[str, Machine]
    busy: bool
    bodies: Mapping[str, Machine] = field(default_factory=dict)

    @property
    def empty(self) -> bool:
        """Nothing is left to retire."""
        return not (self.copies or self.ways_back or self.launched)

    @property
    def replicated(self) -> list[str]:
        """The EC2 ids of the machines that the ways back replicate: the copies', by another record."""
        return sorted({way.machine for way in self.ways_back if way.machine})


def objection(estate: Estate, other_region: str, lag: timedelta, now: datetime) -> str | None:
    """Why nothing of it may be destroyed; None when the new protection is proven, or nothing is left to destroy."""
    if estate.empty:
        return None
    server = estate.server
    if server.direction is not Direction.FAILOVER:
        return f"it is the {server.direction.value} server itself: are the Regions mixed up?"
    forward = [way.id for way in estate.ways_back if way.direction is not Direction.FAILBACK]
    if forward:
        return f"its opposite {', '.join(forward)} in {other_region} is no FAILBACK server: are the Regions mixed up?"
    serving = {i.ec2_instance for i in estate.launched if i.live and not i.is_drill}
    if estate.copies and not serving:
        # Its record is deleted only after the copies are gone, so that without it nothing says that anyone failed back.
        return f"no machine that a failback launched in {other_region} is on record"
    if serving and server.machine not in serving:
        return f"it protects {server.machine or 'an unknown machine'}, not {', '.join(sorted(serving))}, which serves"
    return unproven(server, other_region, estate.machines, now, lag=lag)


def next_act(estate: Estate) -> Act:
    """What comes next, once there is no objection."""
    if any(way.replication.state.replicates for way in estate.ways_back):
        return Act.STOP_REPLICATION
    if estate.copies:
        return Act.WAIT if estate.busy else Act.TERMINATE
    if any(not body.gone for body in estate.bodies.values()):
        # That the copies are gone is what the next acts rest on, and after them nothing proves that anyone failed back.
        return Act.ASK_AGAIN
    return _of_records(estate)


def _of_records(estate: Estate) -> Act:
    """Once the copy is gone: what DRS still has on record of the way back."""
    if estate.launched:
        return Act.DELETE_INSTANCE
    if any(way.replication.state is ReplicationState.STOPPED for way in estate.ways_back):
        return Act.DISCONNECT
    if estate.ways_back:
        return Act.DELETE_SERVER
    return Act.NONE
