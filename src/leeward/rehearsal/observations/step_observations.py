"""What the world is like when a step's task succeeds, as far as claims speak of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from leeward.data.application_table import ApplicationTable
from leeward.data.region_switch import SwitchState, read_switch
from leeward.rehearsal.worlds.world_builder import World
from leeward.state_machines.components.alb_target_group import TargetGroupComponent
from leeward.state_machines.components.apigateway_rest_api import RestApiComponent
from leeward.state_machines.components.arc_routing_controls import RoutingControlsComponent
from leeward.state_machines.components.dynamodb_global_table import GlobalTableComponent
from leeward.twin.aws.drs.state.drs_records import SourceServer
from leeward.twin.aws.drs.state.server_replication import ReplicationMode
from leeward.twin.aws.moto_fixes.elbv2_target_health import TargetGroupHealth


@dataclass(frozen=True, slots=True)
class ObservedCopy:
    """A source server: the name, EC2 instance, and Region of what it copies, and up to when it has the data.

    `state` is the state of its replication, such as `CONTINUOUS`.
    """

    name: str
    instance: str
    data_time: datetime | None
    origin_region: str = ""
    state: str = "CONTINUOUS"


@dataclass(frozen=True, slots=True)
class ObservedInstance:
    """An EC2 instance that is not terminated."""

    is_running: bool
    is_protected: bool


@dataclass(frozen=True, slots=True)
class StepObservation:
    """The world at the moment when a task of `step` succeeded.

    - `began_at`: when the task's first call of this attempt was scheduled.
    - `asked`: whether the task waits for an operator's answer. `hosts`: the endpoints that its parameters name.
    - `lock_holder`: the run that holds the application's lock.
    - `copies`, `instances`: by Region and ID. `controls`: the routing controls' states by ARN.
    - `switches`: by the Region that is switched and the Region whose table was read.
    - `registered`, `healthy`: instance IDs by target group.
    - `serving`, `routed`: the Regions that serve, and those that DNS names.
    - `replicas`: the Regions of each table. `pending_since`: the oldest write that a table's replica lacks.
    """

    at: datetime
    step: str
    began_at: datetime
    asked: bool = False
    hosts: frozenset[str] = frozenset()
    lock_holder: str | None = None
    copies: Mapping[str, Mapping[str, ObservedCopy]] = field(default_factory=dict)
    instances: Mapping[str, Mapping[str, ObservedInstance]] = field(default_factory=dict)
    controls: Mapping[str, str] = field(default_factory=dict)
    weights: Mapping[str, int] = field(default_factory=dict)
    switches: Mapping[tuple[str, str], SwitchState] = field(default_factory=dict)
    registered: Mapping[str, frozenset[str]] = field(default_factory=dict)
    healthy: Mapping[str, frozenset[str]] = field(default_factory=dict)
    serving: frozenset[str] = frozenset()
    routed: frozenset[str] = frozenset()
    replicas: Mapping[str, frozenset[str]] = field(default_factory=dict)
    pending_since: Mapping[tuple[str, str], datetime] = field(default_factory=dict)


def observe_world(world: World, observation: StepObservation) -> StepObservation:
    """Return the observation of a step with the state of the world now, without changing the world."""
    application, regions, now = world.application, world.application.regions.both, observation.at
    groups = [
        arn
        for _, component in application.components_of_kind(TargetGroupComponent)
        for arn in component.target_groups.values()
    ]
    tables = [table.table for _, table in application.components_of_kind(GlobalTableComponent)]
    pending = {(table, region): world.tables.oldest_pending(table, region) for table in tables for region in regions}
    return StepObservation(
        at=now,
        step=observation.step,
        began_at=observation.began_at,
        asked=observation.asked,
        hosts=observation.hosts,
        lock_holder=observation.lock_holder,
        copies={
            region: {each.server_id: _observe_copy(each, now) for each in world.drs.servers(region)}
            for region in regions
        },
        instances={
            region: {
                each.id: ObservedInstance(each.running_since is not None, each.is_protected)
                for each in world.instances.in_region(region)
            }
            for region in regions
        },
        controls={
            arn: world.routing_controls.control_state(arn)[0]
            for name, component in application.components_of_kind(RoutingControlsComponent)
            if world.application_dns.is_component_active(name)
            for arn in component.controls.values()
        },
        weights=world.application_dns.record_weights(),
        switches=_read_switches(world),
        registered={arn: frozenset(world.target_health.target_group(arn).targets) for arn in groups},
        healthy={arn: find_healthy_targets(world.target_health.target_group(arn)) for arn in groups},
        serving=frozenset(region for region in regions if world.is_serving(region)),
        routed=frozenset(region for region in regions if world.application_dns.routes_to(region)),
        replicas={table: frozenset(world.tables.replicas(table)) for table in tables},
        pending_since={place: since for place, since in pending.items() if since is not None},
    )


def find_healthy_targets(group: TargetGroupHealth) -> frozenset[str]:
    """Return the instances whose checks pass, as DescribeTargetHealth reports them.

    The load balancer sends requests to such a target a little later.
    """
    return frozenset(instance for instance, target in group.targets.items() if target.state == "healthy")


def _observe_copy(server: SourceServer, now: datetime) -> ObservedCopy:
    replication, origin = server.replication, server.origin
    state = replication.state(now) if replication.mode is ReplicationMode.RUNNING else str(replication.mode)
    return ObservedCopy(server.name, origin.instance_id, replication.data_time(now), origin.region, state)


def _read_switches(world: World) -> dict[tuple[str, str], SwitchState]:
    regions = world.application.regions.both
    clients = {region: world.engine.client("dynamodb", region) for region in regions}
    switches: dict[tuple[str, str], SwitchState] = {}
    for _, api in world.application.components_of_kind(RestApiComponent):
        component = world.application.component(api.table, GlobalTableComponent)
        table = ApplicationTable(name=component.table, partition=component.key.partition, sort=component.key.sort)
        for region in regions:
            for reader, state in read_switch(clients, table, region).states.items():
                switches[region, reader] = state
    return switches
