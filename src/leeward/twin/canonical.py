"""The canonical state of a world: everything that a full round trip must bring back, ids of instances aside.

Two worlds are in the same state when every field of this is equal. Instances and servers are named by their group, so
that a round may replace a machine and yet leave all as it was; a machine, volume, snapshot, server, job, target or
record too many shows as a field that differs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from leeward.data.switches import look
from leeward.data.table import Table
from leeward.state_machines.components import GlobalTable, RestApi, RoutingControls, TargetGroup
from leeward.twin.aws.drs.replication import Mode
from leeward.twin.stage import Stage
from leeward.twin.world.build import World
from leeward.twin.written import writes_report

State = Mapping[str, str]


def canonical(stage: Stage) -> State:
    """The state now, as flat fields: `us-west-2 running home-page` -> `1`."""
    world = stage.world
    fields: dict[str, str] = {}
    for region in stage.application.regions.both:
        fields |= {f"{region} {name}": value for name, value in _region(stage, region).items()}
    for name, controls in stage.application.of_kind(RoutingControls):
        if not world.names.is_used(name):
            continue
        for region, arn in controls.controls.items():
            fields[f"{name} {region}"] = world.controls.state_of(arn)[0]
    fields |= _serverless(stage)
    clients = world.clients
    if clients is not None:
        latest = clients.latest
        fields["users"] = ", ".join(sorted({request.served_by or "nobody" for request in latest}))
    return dict(sorted(fields.items()))


def differences(first: State, second: State) -> list[str]:
    """The fields in which two states differ, each as one line."""
    return [
        f"{name}: was {first.get(name, 'not there')}, is {second.get(name, 'not there')}"
        for name in sorted(first.keys() | second.keys())
        if first.get(name) != second.get(name)
    ]


def _region(stage: Stage, region: str) -> dict[str, str]:
    world, now = stage.world, stage.engine.clock.now()
    fields: dict[str, str] = {}
    groups = {i.id: i.group or "no group" for i in world.instances.in_region(region)}
    running = Counter(i.group or "no group" for i in world.instances.in_region(region) if i.running_since)
    stopped = Counter(i.group or "no group" for i in world.instances.in_region(region) if not i.running_since)
    fields |= {f"running {group}": str(n) for group, n in running.items()}
    fields |= {f"stopped {group}": str(n) for group, n in stopped.items()}
    for server in world.drs.servers(region):
        origin = server.origin
        protects = "a running machine" if _runs(world, origin.region, origin.instance_id) else "no machine"
        copy = "with" if server.replication.data_time(now) else "without"
        state = server.replication.state(now) if server.replication.mode is Mode.RUNNING else server.replication.mode
        fields[f"source server {server.name} of {origin.region}"] = (
            f"{server.direction} {state}, protects {protects}, {copy} a recovery point, "
            f"recovery instance {'yes' if server.recovery_instance_id else 'no'}"
        )
    left = world.drs.leftovers(region)
    fields["source servers"] = str(left.source_servers)
    fields["recovery instances"] = str(left.recovery_instances)
    fields["instances"] = str(left.instances)
    fields["volumes"] = str(left.volumes)
    fields["EBS snapshots"] = str(left.ebs_snapshots)
    fields["active jobs"] = str(sum(job.active for job in world.drs.jobs(region)))
    for name, component in stage.application.of_kind(TargetGroup):
        arn = component.target_groups.get(region)
        if arn is not None:
            healthy = Counter(groups.get(i, "gone") for i, _ in world.health.healthy_targets(arn))
            registered = len(world.health.group(arn).targets)
            fields[f"targets {name}"] = f"{registered} registered, healthy: {_counted(healthy)}"
    return fields


def _serverless(stage: Stage) -> dict[str, str]:
    """What each Region's switch says in either Region, the weights, and what the replicas do not hold alike."""
    regions = stage.application.regions.both
    clients = {region: stage.engine.client("dynamodb", region) for region in regions}
    fields: dict[str, str] = {}
    for name, api in stage.application.of_kind(RestApi):
        component = stage.application.component(api.table, GlobalTable)
        table = Table(name=component.table, partition=component.key.partition, sort=component.key.sort)
        for region in regions:
            for where, state in look(clients, table, region).states.items():
                fields[f"{name} of {region}, as {where} knows it"] = f"{state.health}, writes {state.writes}"
    fields |= {f"weight of {side}": str(weight) for side, weight in stage.world.names.weights().items()}
    writes = writes_report(stage, stage.incident_at)
    if writes is not None:
        fields["writes that the Regions hold differently"] = ", ".join(map(str, writes.diverged)) or "none"
        fields["writes that are nowhere"] = ", ".join(str(lost.number) for lost in writes.lost) or "none"
    return fields


def _runs(world: World, region: str, instance_id: str) -> bool:
    return any(i.id == instance_id and i.running_since for i in world.instances.in_region(region))


def _counted(counter: Counter[Any]) -> str:
    return ", ".join(f"{n} {name}" for name, n in sorted(counter.items())) or "none"
