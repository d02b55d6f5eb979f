"""Makes a scenario happen: the incident at its minute, and every fault that the scenario asks for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import TypeAlias, assert_never

from leeward.data.switches import Health
from leeward.twin.engine import Fault
from leeward.twin.world import documents, strikes
from leeward.twin.world.build import World

_FAULTS: dict[documents.FaultName, Fault] = {
    "throttled": Fault.THROTTLED,
    "server-error": Fault.SERVER_ERROR,
    "refused": Fault.REFUSED,
    "timed-out": Fault.TIMED_OUT,
    "answer-lost": Fault.ANSWER_LOST,
    "denied": Fault.DENIED,
    "expired": Fault.EXPIRED,
}


Serverless: TypeAlias = (
    documents.ApiDeleted
    | documents.FunctionStopped
    | documents.HealthSwitch
    | documents.TableReplication
    | documents.ApiErrors
)


def arrange(world: World, scenario: documents.Scenario) -> datetime:
    """Plan everything from now on; returns the moment of the incident."""
    engine, drs = world.engine, world.drs
    start = engine.clock.now()
    incident = start + scenario.incident.at
    dark = scenario.incident.dark
    if dark is not None:
        engine.wire.darken(dark, incident, black_hole_seconds=scenario.incident.black_hole.total_seconds())
        engine.clock.at(incident, lambda: drs.origin_lost(dark), name="incident")
    for fault in scenario.faults:
        _plan(world, fault, start)
    return incident


def origin_returns(world: World, region: str) -> None:
    """The dark Region answers again, and what it replicates is sent again."""
    world.engine.wire.lighten(region)
    world.drs.origin_returned(region)
    world.tables.deliver()


def _plan(world: World, fault: documents.Fault, start: datetime) -> None:
    match fault:
        case documents.LaunchFails():
            for server in world.servers[fault.group][: fault.servers]:
                world.drs.fail_launch(server, fault.reason, fault.times)
        case documents.EndpointDown():
            host = world.endpoints[fault.region]
            _at(world, start + fault.at, lambda: world.engine.wire.take_down(host))
        case documents.CallFails():
            world.engine.wire.fail(fault.operation, _FAULTS[fault.fault], fault.nth, fault.times, fault.region)
        case documents.ReplicationLags():
            for server in world.servers[fault.group]:
                _at(world, start + fault.at, partial(_upset, world, fault, server))
        case _:
            _plan_serverless(world, fault, start)


def _plan_serverless(world: World, fault: Serverless, start: datetime) -> None:
    match fault:
        case documents.ApiDeleted():
            _at(world, start + fault.at, partial(strikes.delete_api, world, fault.region))
        case documents.FunctionStopped():
            _at(world, start + fault.at, partial(strikes.stop_function, world, fault.region))
            _until(world, start, fault.until, partial(strikes.release_function, world, fault.region))
        case documents.HealthSwitch():
            _at(world, start + fault.at, partial(strikes.switch_health, world, fault.region, Health.OUT_OF_SERVICE))
            _until(world, start, fault.until, partial(strikes.switch_health, world, fault.region, Health.IN_SERVICE))
        case documents.TableReplication():
            _at(world, start + fault.at, partial(strikes.upset_table, world, fault))
            if fault.paused:
                _until(world, start, fault.until, partial(strikes.resume_table, world, fault.table))
        case documents.ApiErrors():
            _at(world, start + fault.at, partial(strikes.break_api, world, fault.region, fault.percent))
            _until(world, start, fault.until, partial(strikes.break_api, world, fault.region, 0))
        case _:
            assert_never(fault)


def _upset(world: World, fault: documents.ReplicationLags, server: str) -> None:
    if fault.lag is not None:
        world.drs.set_lag(server, fault.lag.total_seconds())
    if fault.stalled:
        world.drs.stall(server)


def _until(world: World, start: datetime, after: timedelta | None, happen: Callable[[], None]) -> None:
    if after is not None:
        _at(world, start + after, happen)


def _at(world: World, moment: datetime, happen: Callable[[], None]) -> None:
    if moment <= world.engine.clock.now():
        happen()
    else:
        world.engine.clock.at(moment, happen, name="fault")
