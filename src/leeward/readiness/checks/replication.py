"""Is there a recent copy of every server, from which it can be launched?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from leeward.common import durations
from leeward.common.errors import NotFound
from leeward.drs.calls import snapshots_until
from leeward.drs.model import SourceServer
from leeward.drs.servers import resolve
from leeward.drs.states import ReplicationState
from leeward.readiness.findings import Finding, failed, ok, unknown, warning
from leeward.readiness.reach import Reach
from leeward.readiness.subject import Subject

# DRS takes a point in time every ten minutes in the last hour (DRS user guide, "Point in time snapshots").
_SNAPSHOT_EVERY = timedelta(minutes=10)
_DISPLAY = "DRS console, Source servers"


def look(subject: Subject, reach: Reach) -> Iterator[Finding]:
    """The groups are complete; each server replicates, within the RPO, and its points in time are recent."""
    for group in subject.groups:
        try:
            servers = resolve(reach.drs, group, subject.region, subject.direction)
        except NotFound as error:
            fix = f"install the replication agent on what is missing, or correct the component {group.name}'s selector"
            yield failed("replication.group", group.name, str(error), fix)
            continue
        yield ok("replication.group", group.name, f"{len(servers)} source servers")
        for server in servers:
            yield _state(server)
            yield _lag(server, timedelta(seconds=subject.rpo_seconds))
            yield _points(server, reach)


def _state(server: SourceServer) -> Finding:
    check, state = "replication.state", server.replication.state
    why = server.replication.error
    told = f"replication is {state.value}" + (f": {why.error} {why.raw}".rstrip() if why and why.error else "")
    if state is ReplicationState.CONTINUOUS:
        return ok(check, server.label, told)
    if not state.has_recovery_point:
        return failed(
            check, server.label, f"{told}; nothing can be launched", f"{_DISPLAY}: set replication going again"
        )
    if state.needs_a_person:
        return failed(check, server.label, told, f"{_DISPLAY}: resume replication, and look why it stopped")
    return warning(check, server.label, told, f"wait for CONTINUOUS; if it does not come: {_DISPLAY}")


def _lag(server: SourceServer, rpo: timedelta) -> Finding:
    """With the lag itself, for whoever shows it."""
    found = _judged(server, rpo)
    lag = server.replication.lag
    return found if lag is None else found.model_copy(update={"seconds": lag.total_seconds()})


def _judged(server: SourceServer, rpo: timedelta) -> Finding:
    check, lag = "replication.lag", server.replication.lag
    if lag is None:
        if server.replication.state is ReplicationState.CONTINUOUS:
            return ok(check, server.label, "no lag")
        fix = "wait until replication is CONTINUOUS: only then does DRS tell a lag"
        return unknown(check, server.label, "DRS tells no lag, so the loss of a failover is not known", fix)
    told = f"{durations.show(lag)} behind, the objective is {durations.show(rpo)}"
    fix = "look for a write burst, a throttled network or a small replication server; or state a longer RPO"
    if lag > rpo:
        return failed(check, server.label, told, fix)
    return warning(check, server.label, told, fix) if lag > rpo / 2 else ok(check, server.label, told)


def _points(server: SourceServer, reach: Reach) -> Finding:
    check = "replication.points_in_time"
    newest = next((s.taken_at for s in snapshots_until(reach.drs, server.id, reach.now) if s.taken_at), None)
    fix = "see the replication server's volumes and the account's EBS snapshot quota in the DRS console's event history"
    if newest is None:
        return failed(check, server.label, "no point in time is kept", fix)
    age = reach.now - newest
    told = f"the newest is {durations.show(age)} old; DRS takes one every {durations.show(_SNAPSHOT_EVERY)}"
    if age > 6 * _SNAPSHOT_EVERY:
        return failed(check, server.label, told, fix)
    return warning(check, server.label, told, fix) if age > 2 * _SNAPSHOT_EVERY else ok(check, server.label, told)
