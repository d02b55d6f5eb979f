"""Schedules the incident and the faults of a scenario on the virtual clock."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import TypeAlias, assert_never

from leeward.data.region_switch import ServiceState
from leeward.rehearsal.incidents import aws_fault_injection, serverless_faults
from leeward.rehearsal.scenarios import scenario_documents
from leeward.rehearsal.scenarios.aws_faults.aws_fault_documents import InvocationFails, ServiceFails
from leeward.rehearsal.worlds.world_builder import World
from leeward.twin.engine import FaultKind

ServerlessFault: TypeAlias = (
    scenario_documents.ApiDeleted
    | scenario_documents.FunctionStopped
    | scenario_documents.HealthSwitchedOff
    | scenario_documents.TableReplicationLags
    | scenario_documents.ApiErrors
)


def schedule_scenario(world: World, scenario: scenario_documents.Scenario) -> datetime:
    """Schedule the incident and all faults, with times relative to now. Return the time of the incident."""
    engine, drs = world.engine, world.drs
    start = engine.clock.now()
    incident = start + scenario.incident.at
    region = scenario.incident.dark
    if region is not None:
        engine.interceptor.schedule_outage(region, incident, black_hole=scenario.incident.black_hole)
        engine.clock.call_at(incident, lambda: drs.lose_origin_region(region), name="incident")
    for fault in scenario.faults:
        _schedule_fault(world, fault, start)
    return incident


def restore_region(world: World, region: str) -> None:
    """End the outage of `region`, and resume the replication from and to it."""
    world.engine.interceptor.end_outage(region)
    world.drs.restore_origin_region(region)
    world.tables.deliver_pending()


def _schedule_fault(world: World, fault: scenario_documents.ScenarioFault, start: datetime) -> None:
    match fault:
        case scenario_documents.LaunchFails():
            for server in world.source_servers[fault.group][: fault.servers]:
                world.drs.fail_launch(server, fault.reason, fault.times)
        case scenario_documents.EndpointDown():
            host = world.cluster_endpoint_hosts[fault.region]
            _schedule_at(world, start + fault.at, lambda: world.engine.interceptor.take_endpoint_down(host))
        case scenario_documents.CallFails():
            world.engine.interceptor.inject_fault(
                fault.operation, FaultKind(fault.fault), fault.nth, fault.times, fault.region
            )
        case ServiceFails() | InvocationFails():
            aws_fault_injection.inject(world.engine, world.application.application, fault, start)
        case scenario_documents.ReplicationLags():
            for server in world.source_servers[fault.group]:
                _schedule_at(world, start + fault.at, partial(_degrade_replication, world, fault, server))
        case _:
            _schedule_serverless_fault(world, fault, start)


def _schedule_serverless_fault(world: World, fault: ServerlessFault, start: datetime) -> None:
    match fault:
        case scenario_documents.ApiDeleted():
            _schedule_at(world, start + fault.at, partial(serverless_faults.delete_api, world, fault.region))
        case scenario_documents.FunctionStopped():
            _schedule_at(world, start + fault.at, partial(serverless_faults.stop_function, world, fault.region))
            _schedule_end(world, start, fault.until, partial(serverless_faults.release_function, world, fault.region))
        case scenario_documents.HealthSwitchedOff():
            _schedule_at(
                world,
                start + fault.at,
                partial(serverless_faults.set_health_switch, world, fault.region, ServiceState.OUT_OF_SERVICE),
            )
            _schedule_end(
                world,
                start,
                fault.until,
                partial(serverless_faults.set_health_switch, world, fault.region, ServiceState.IN_SERVICE),
            )
        case scenario_documents.TableReplicationLags():
            _schedule_at(world, start + fault.at, partial(serverless_faults.degrade_table_replication, world, fault))
            if fault.paused:
                _schedule_end(
                    world, start, fault.until, partial(serverless_faults.resume_table_replication, world, fault.table)
                )
        case scenario_documents.ApiErrors():
            _schedule_at(
                world,
                start + fault.at,
                partial(serverless_faults.set_api_error_rate, world, fault.region, fault.percent),
            )
            _schedule_end(
                world, start, fault.until, partial(serverless_faults.set_api_error_rate, world, fault.region, 0)
            )
        case _:
            assert_never(fault)


def _degrade_replication(world: World, fault: scenario_documents.ReplicationLags, server: str) -> None:
    if fault.lag is not None:
        world.drs.set_lag(server, fault.lag.total_seconds())
    if fault.stalled:
        world.drs.stall_replication(server)


def _schedule_end(world: World, start: datetime, after: timedelta | None, action: Callable[[], None]) -> None:
    if after is not None:
        _schedule_at(world, start + after, action)


def _schedule_at(world: World, moment: datetime, action: Callable[[], None]) -> None:
    if moment <= world.engine.clock.now():
        action()
    else:
        world.engine.clock.call_at(moment, action, name="fault")
