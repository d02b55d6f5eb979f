"""The comparable state of a world, without instance IDs: everything that failover and failback together must restore.

Two worlds are in the same state if all fields are equal. Instances and servers are named by their group, so a round can
replace an instance without changing the state. A leftover instance, volume, snapshot, server, job, target, or record
changes a field.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from leeward.data.application_table import ApplicationTable
from leeward.data.region_switch import read_switch
from leeward.rehearsal.assessment.write_audit import audit_writes
from leeward.rehearsal.clients.request_metrics import count_by_region
from leeward.rehearsal.session.rehearsal_session import RehearsalSession
from leeward.rehearsal.worlds.world_builder import World
from leeward.state_machines.components.alb_target_group import TargetGroupComponent
from leeward.state_machines.components.apigateway_rest_api import RestApiComponent
from leeward.state_machines.components.arc_routing_controls import RoutingControlsComponent
from leeward.state_machines.components.dynamodb_global_table import GlobalTableComponent
from leeward.twin.aws.drs.state.server_replication import ReplicationMode

WorldSnapshot = Mapping[str, str]


def take_world_snapshot(session: RehearsalSession) -> WorldSnapshot:
    """Return the current state as flat fields, such as `us-west-2 running home-page`: `1`."""
    world = session.world
    fields: dict[str, str] = {}
    for region in session.application.regions.both:
        fields |= {f"{region} {name}": value for name, value in _region_fields(session, region).items()}
    for name, controls in session.application.components_of_kind(RoutingControlsComponent):
        if not world.application_dns.is_component_active(name):
            continue
        for region, arn in controls.controls.items():
            fields[f"{name} {region}"] = world.routing_controls.control_state(arn)[0]
    fields |= _serverless_fields(session)
    clients = world.clients
    if clients is not None:
        fields["users"] = ", ".join(sorted(count_by_region(clients.latest_requests)))
    return dict(sorted(fields.items()))


def snapshot_differences(first: WorldSnapshot, second: WorldSnapshot) -> list[str]:
    """Return the fields that differ between two snapshots, one line each."""
    return [
        f"{name}: was {first.get(name, 'not there')}, is {second.get(name, 'not there')}"
        for name in sorted(first.keys() | second.keys())
        if first.get(name) != second.get(name)
    ]


def _region_fields(session: RehearsalSession, region: str) -> dict[str, str]:
    """Return a Region's instances, source servers, billed resources, active jobs, and load balancer targets."""
    world, now = session.world, session.engine.clock.now()
    fields: dict[str, str] = {}
    groups = {i.id: i.group or "no group" for i in world.instances.in_region(region)}
    running = Counter(i.group or "no group" for i in world.instances.in_region(region) if i.running_since)
    stopped = Counter(i.group or "no group" for i in world.instances.in_region(region) if not i.running_since)
    fields |= {f"running {group}": str(n) for group, n in running.items()}
    fields |= {f"stopped {group}": str(n) for group, n in stopped.items()}
    for server in world.drs.servers(region):
        origin = server.origin
        protects = "a running machine" if _is_running(world, origin.region, origin.instance_id) else "no machine"
        copy = "with" if server.replication.data_time(now) else "without"
        state = (
            server.replication.state(now)
            if server.replication.mode is ReplicationMode.RUNNING
            else server.replication.mode
        )
        fields[f"source server {server.name} of {origin.region}"] = (
            f"{server.direction} {state}, protects {protects}, {copy} a recovery point, "
            f"recovery instance {'yes' if server.recovery_instance_id else 'no'}"
        )
    billed = world.drs.count_billed_resources(region)
    fields["source servers"] = str(billed.source_servers)
    fields["recovery instances"] = str(billed.recovery_instances)
    fields["instances"] = str(billed.instances)
    fields["volumes"] = str(billed.volumes)
    fields["EBS snapshots"] = str(billed.ebs_snapshots)
    fields["active jobs"] = str(sum(job.is_active for job in world.drs.jobs(region)))
    for name, component in session.application.components_of_kind(TargetGroupComponent):
        arn = component.target_groups.get(region)
        if arn is not None:
            healthy = Counter(groups.get(i, "gone") for i, _ in world.target_health.healthy_targets(arn))
            registered = len(world.target_health.target_group(arn).targets)
            fields[f"targets {name}"] = f"{registered} registered, healthy: {_count_text(healthy)}"
    return fields


def _serverless_fields(session: RehearsalSession) -> dict[str, str]:
    """Return each Region's switch as read in each Region, the record weights, and the diverged and lost writes."""
    regions = session.application.regions.both
    clients = {region: session.engine.client("dynamodb", region) for region in regions}
    fields: dict[str, str] = {}
    for name, api in session.application.components_of_kind(RestApiComponent):
        component = session.application.component(api.table, GlobalTableComponent)
        table = ApplicationTable(name=component.table, partition=component.key.partition, sort=component.key.sort)
        for region in regions:
            for reader, state in read_switch(clients, table, region).states.items():
                fields[f"{name} of {region}, as {reader} knows it"] = f"{state.health}, writes {state.writes}"
    fields |= {
        f"weight of {side}": str(weight) for side, weight in session.world.application_dns.record_weights().items()
    }
    writes = audit_writes(session, session.incident_at)
    if writes is not None:
        fields["diverged writes"] = ", ".join(map(str, writes.diverged)) or "none"
        fields["lost writes"] = ", ".join(str(lost.number) for lost in writes.lost) or "none"
    return fields


def _is_running(world: World, region: str, instance_id: str) -> bool:
    return any(i.id == instance_id and i.running_since for i in world.instances.in_region(region))


def _count_text(counter: Counter[Any]) -> str:
    return ", ".join(f"{n} {name}" for name, n in sorted(counter.items())) or "none"
