"""Check that every server replicates within the RPO and has a recent recovery point."""

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
from leeward.readiness.model.readiness_check import ReadinessCheck
from leeward.readiness.model.readiness_input import ReadinessInput

# DRS takes a point-in-time snapshot every ten minutes in the last hour (DRS user guide, "Point in time snapshots").
_SNAPSHOT_EVERY = timedelta(minutes=10)
_CONSOLE_PAGE = "DRS console, Source servers"


def check(inputs: ReadinessInput, clients: CheckClients) -> Iterator[ReadinessFinding]:
    """Check that the groups are complete, and check each server's replication state, lag, and recovery points."""
    for group in inputs.groups:
        try:
            servers = resolve_group(clients.drs, group, inputs.region, inputs.direction)
        except NotFound as error:
            fix = f"install the replication agent on the missing servers, or correct the selector of {group.name}"
            yield failed("replication.group", group.name, str(error), fix)
            continue
        yield ok("replication.group", group.name, f"{len(servers)} source servers")
        for server in servers:
            yield _check_state(server)
            yield _check_lag(server, timedelta(seconds=inputs.rpo_seconds))
            yield _check_recovery_points(server, clients)


def _check_state(server: SourceServer) -> ReadinessFinding:
    check, state = "replication.state", server.replication.state
    error_info = server.replication.error
    detail = f"replication is {state.value}" + (
        f": {error_info.error} {error_info.raw}".rstrip() if error_info and error_info.error else ""
    )
    if state is ReplicationState.CONTINUOUS:
        return ok(check, server.label, detail)
    if not state.has_recovery_point:
        return failed(
            check, server.label, f"{detail}; the server can't be launched", f"{_CONSOLE_PAGE}: restart replication"
        )
    if state.is_halted:
        return failed(check, server.label, detail, f"{_CONSOLE_PAGE}: find out why replication stopped, and resume it")
    return warning(check, server.label, detail, f"wait for CONTINUOUS; if it takes too long, check {_CONSOLE_PAGE}")


def _check_lag(server: SourceServer, rpo: timedelta) -> ReadinessFinding:
    """Return the lag finding, with the lag in `seconds`."""
    finding = _lag_finding(server, rpo)
    lag = server.replication.lag
    return finding if lag is None else finding.model_copy(update={"seconds": lag.total_seconds()})


def _lag_finding(server: SourceServer, rpo: timedelta) -> ReadinessFinding:
    check, lag = "replication.lag", server.replication.lag
    if lag is None:
        if server.replication.state is ReplicationState.CONTINUOUS:
            return ok(check, server.label, "no lag")
        fix = "wait until replication is CONTINUOUS; DRS reports a lag only then"
        return unknown(check, server.label, "DRS reports no lag, so the data loss of a failover is unknown", fix)
    detail = f"{durations.format_duration(lag)} behind, the objective is {durations.format_duration(rpo)}"
    fix = "check for a write burst, a throttled network, or a small replication server; or set a longer RPO"
    if lag > rpo:
        return failed(check, server.label, detail, fix)
    return warning(check, server.label, detail, fix) if lag > rpo / 2 else ok(check, server.label, detail)


def _check_recovery_points(server: SourceServer, clients: CheckClients) -> ReadinessFinding:
    check = "replication.points_in_time"
    newest = next(
        (snapshot.taken_at for snapshot in list_snapshots(clients.drs, server.id, clients.now) if snapshot.taken_at),
        None,
    )
    fix = (
        "check the replication server's volumes and the account's EBS snapshot quota in the DRS console's event history"
    )
    if newest is None:
        return failed(check, server.label, "DRS keeps no point-in-time snapshot", fix)
    age = clients.now - newest
    detail = (
        f"the newest snapshot is {durations.format_duration(age)} old; DRS takes one every "
        f"{durations.format_duration(_SNAPSHOT_EVERY)}"
    )
    if age > 6 * _SNAPSHOT_EVERY:
        return failed(check, server.label, detail, fix)
    return warning(check, server.label, detail, fix) if age > 2 * _SNAPSHOT_EVERY else ok(check, server.label, detail)


CHECK = ReadinessCheck("replication", check)
