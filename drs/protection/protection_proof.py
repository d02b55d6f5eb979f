"""Whether a source server protects a machine, as far as DRS and EC2 tell. Pure: nothing here calls AWS.

What is destroyed after a failback is the only other copy of the data, so the proof is in what is known, never in what
is likely: the instance id and Region that the source server itself names, its replication state, and its lag. A machine
that was launched into its old body has the id that was protected before, so the copy must be of after its start.
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
    """Why it is not proven that `server` protects a running machine of `region`; None when it is.

    `machines`: what EC2 of `region` says. `lag`: how far behind the copy may be; None for any.
    """
    if server.machine is None:
        return "DRS does not tell which machine it protects"
    if server.cloud.region != region:
        return f"it protects {server.machine} in {server.cloud.region or 'an unknown Region'}, not in {region}"
    machine = ec2_instances.get(server.machine)
    if machine is None or machine.state is not Ec2State.RUNNING:
        state = "not known to EC2" if machine is None else machine.state.value.lower()
        return f"it protects {server.machine}, which is {state}"
    return _copy_problem(server, machine, now, max_lag)


def _copy_problem(server: SourceServer, machine: Ec2Instance, now: datetime, max_lag: timedelta | None) -> str | None:
    """Why the copy itself is no protection of that machine."""
    seen = server.replication
    behind = seen.lag or timedelta(0)
    if seen.state is not ReplicationState.CONTINUOUS:
        return f"its replication of {machine.id} is {seen.state.value}"
    if max_lag is not None and behind > max_lag:
        return (
            f"its copy of {machine.id} is {durations.format_duration(behind)} behind, more than "
            f"{durations.format_duration(max_lag)}"
        )
    if machine.launched_at is not None and now - behind <= machine.launched_at:
        return f"its copy of {machine.id} is of before that was started, at {machine.launched_at:%H:%M:%S}"
    return None
