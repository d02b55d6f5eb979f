"""Whether a source server protects a machine, as far as DRS and EC2 tell. Pure: nothing here calls AWS.

What is destroyed after a failback is the only other copy of the data, so the proof is in what is known, never in what
is likely: the instance id and Region that the source server itself names, its replication state, and its lag.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from common import durations
from drs.instances import Machine
from drs.model import SourceServer
from drs.states import Ec2State, ReplicationState


def unproven(server: SourceServer, region: str, machines: Mapping[str, Machine], lag: timedelta | None) -> str | None:
    """Why it is not proven that `server` protects a running machine of `region`; None when it is.

    `machines`: what EC2 of `region` says. `lag`: how far behind the copy may be; None for any.
    """
    if server.machine is None:
        return "DRS does not tell which machine it protects"
    if server.cloud.region != region:
        return f"it protects {server.machine} in {server.cloud.region or 'an unknown Region'}, not in {region}"
    machine = machines.get(server.machine)
    if machine is None or machine.state is not Ec2State.RUNNING:
        state = "not known to EC2" if machine is None else machine.state.value.lower()
        return f"it protects {server.machine}, which is {state}"
    replication = server.replication
    if replication.state is not ReplicationState.CONTINUOUS:
        return f"its replication of {server.machine} is {replication.state.value}"
    if lag is not None and (replication.lag or timedelta(0)) > lag:
        behind = durations.show(replication.lag or timedelta(0))
        return f"its copy of {server.machine} is {behind} behind, more than {durations.show(lag)}"
    return None
