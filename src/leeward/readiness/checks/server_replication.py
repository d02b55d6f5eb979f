"""Is there a recent copy of every server, from which it can be launched?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from leeward.base import durations
from leeward.common.errors import NotFound
from leeward.drs.api.models import SourceServer
from leeward.drs.api.queries import list_snapshots
from leeward.drs.api.states import ReplicationState
from leeward.drs.inventory.server_groups import resolve_group
from leeward.readiness.model.check_clients import CheckClients
from leeward.readiness.model.findings import ReadinessFinding, failed, ok, unknown, warning
from leeward.readiness.model.readiness_input import ReadinessInput

# DRS takes a point in time every ten minutes in the last hour (DRS user guide, "Point in time snapshots").
_SNAPSHOT_EVERY = timedelta(minutes=10)
_CONSOLE_PAGE = "DRS console, Source servers"


def check(inputs: ReadinessInput, clients: CheckClients) -> Iterator[ReadinessFinding]:
    """The groups are complete; each server replicates, within the RPO, and its points in time are recent."""
    for group in inputs.groups:
        try:
            servers = resolve_group(clients.drs, group, inputs.region, inputs.direction)
        except NotFound as error:
            fix = f"install the replication agent on what is missing, or correct the component {group.name}'s selector"
            yield failed("replication.group", group.name, str(error), fix)
            continue
        yield ok("replication.group", group.name, f"{len(servers)} source servers")
        for server in servers:
            yield _check_state(server)
            yield _check_lag(server, timedelta(seconds=inputs.rpo_seconds))
            yield _check_recovery_points(server, clients)


def _check_state(server: SourceServer) -> ReadinessFinding:
    check, state = "replication.state", server.replication.state
    why = server.replication.error
    told = f"replication is {state.value}" + (f": {why.error} {why.raw}".rstrip() if why and why.error else "")
    if state is ReplicationState.CONTINUOUS:
        return ok(check, server.label, told)
    if not state.has_recovery_point:
        return failed(
            check, server.label, f"{told}; nothing can be launched", f"{_CONSOLE_PAGE}: set replication going again"
        )
    if state.is_halted:
        return failed(check, server.label, told, f"{_CONSOLE_PAGE}: resume replication, and look why it stopped")
    return warning(check, server.label, told, f"wait for CONTINUOUS; if it does not come: {_CONSOLE_PAGE}")


def _check_lag(server: SourceServer, rpo: timedelta) -> ReadinessFinding:
    """With the lag itself, for whoever shows it."""
    found = _lag_finding(server, rpo)
    lag = server.replication.lag
    return found if lag is None else found.model_copy(update={"seconds": lag.total_seconds()})


def _lag_finding(server: SourceServer, rpo: timedelta) -> ReadinessFinding:
    check, lag = "replication.lag", server.replication.lag
    if lag is None:
        if server.replication.state is ReplicationState.CONTINUOUS:
            return ok(check, server.label, "no lag")
        fix = "wait until replication is CONTINUOUS: only then does DRS tell a lag"
        return unknown(check, server.label, "DRS tells no lag, so the loss of a failover is not known", fix)
    told = f"{durations.format_duration(lag)} behind, the objective is {durations.format_duration(rpo)}"
    fix = "look for a write burst, a throttled network or a small replication server; or state a longer RPO"
    if lag > rpo:
        return failed(check, server.label, told, fix)
    return warning(check, server.label, told, fix) if lag > rpo / 2 else ok(check, server.label, told)


def _check_recovery_points(server: SourceServer, clients: CheckClients) -> ReadinessFinding:
    check = "replication.points_in_time"
    newest = next((s.taken_at for s in list_snapshots(clients.drs, server.id, clients.now) if s.taken_at), None)
    fix = "see the replication server's volumes and the account's EBS snapshot quota in the DRS console's event history"
    if newest is None:
        return failed(check, server.label, "no point in time is kept", fix)
    age = clients.now - newest
    told = (
        f"the newest is {durations.format_duration(age)} old; DRS takes one every "
        f"{durations.format_duration(_SNAPSHOT_EVERY)}"
    )
    if age > 6 * _SNAPSHOT_EVERY:
        return failed(check, server.label, told, fix)
    return warning(check, server.label, told, fix) if age > 2 * _SNAPSHOT_EVERY else ok(check, server.label, told)
