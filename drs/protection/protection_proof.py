"""Prove that a source server protects an EC2 instance. Pure: doesn't call AWS.

The cleanup after a failback destroys the only other copy of the data. The proof therefore uses only known facts: the
instance ID and Region that the source server reports, its replication state, and its lag. An instance that was launched
into its original EC2 instance keeps an ID that was protected before, so the copy must be newer than its start.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from leeward.base import durations
from leeward.drs.api.models import SourceServer
from leeward.drs.api.states import Ec2State, ReplicationState
from leeward.drs.inventory.recovery_instances import Ec2Instance


def unproven_reason(
    server: SourceServer,
    region: str,
    ec2_instances: Mapping[str, Ec2Instance],
    now: datetime,
    *,
    max_lag: timedelta | None,
) -> str | None:
    """Return why it is not proven that `server` protects a running instance in `region`, or None if it is.

    `ec2_instances` are the EC2 instances of `region` by ID. `max_lag` limits the lag of the copy. None allows any lag.
    """
    if server.machine is None:
        return "DRS does not report which machine it protects"
    if server.cloud.region != region:
        return f"it protects {server.machine} in {server.cloud.region or 'an unknown Region'}, not in {region}"
    machine = ec2_instances.get(server.machine)
    if machine is None or machine.state is not Ec2State.RUNNING:
        state = "not known to EC2" if machine is None else machine.state.value.lower()
        return f"it protects {server.machine}, which is {state}"
    return _copy_problem(server, machine, now, max_lag)


def _copy_problem(server: SourceServer, machine: Ec2Instance, now: datetime, max_lag: timedelta | None) -> str | None:
    """Return why the copy doesn't protect that instance, or None."""
    replication = server.replication
    behind = replication.lag or timedelta(0)
    if replication.state is not ReplicationState.CONTINUOUS:
        return f"its replication of {machine.id} is {replication.state.value}"
    if max_lag is not None and behind > max_lag:
        return (
            f"its copy of {machine.id} is {durations.format_duration(behind)} behind, more than "
            f"{durations.format_duration(max_lag)}"
        )
    if machine.launched_at is not None and now - behind <= machine.launched_at:
        return f"its copy of {machine.id} is older than the start of that instance, at {machine.launched_at:%H:%M:%S}"
    return None
