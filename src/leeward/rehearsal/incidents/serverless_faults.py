"""Injects faults into a serverless application: deleted APIs, stopped functions, table replication lag, API errors.

Most faults use the same AWS calls that an operator would make.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from leeward.data.application_table import ApplicationTable
from leeward.data.region_switch import ServiceState, SwitchChange, apply_switch
from leeward.rehearsal.scenarios import scenario_documents
from leeward.state_machines.components.apigateway_rest_api import RestApiComponent
from leeward.state_machines.components.dynamodb_global_table import GlobalTableComponent
from leeward.twin.aws.seeded_services.apigateway_rest_apis import API_GATEWAY

if TYPE_CHECKING:
    from leeward.rehearsal.worlds.world_builder import World


def delete_api(world: World, region: str) -> None:
    """Delete the application's APIs in `region` with DeleteRestApi."""
    for _, api in world.application.components_of_kind(RestApiComponent):
        backend = API_GATEWAY.region(world.engine.account, region)
        backend.delete_rest_api({"restApiId": api.apis[region]})


def stop_function(world: World, region: str) -> None:
    """Set the reserved concurrency of the APIs' functions to 0, so that Lambda throttles every invocation."""
    for _, api in world.application.components_of_kind(RestApiComponent):
        client = world.engine.client("lambda", region)
        client.put_function_concurrency(FunctionName=api.function, ReservedConcurrentExecutions=0)


def release_function(world: World, region: str) -> None:
    """Remove the reserved concurrency of the APIs' functions with DeleteFunctionConcurrency."""
    for _, api in world.application.components_of_kind(RestApiComponent):
        world.engine.client("lambda", region).delete_function_concurrency(FunctionName=api.function)


def set_health_switch(world: World, region: str, health: ServiceState) -> None:
    """Set the health switch of the APIs in the replica of `region`, as an operator does."""
    for _, api in world.application.components_of_kind(RestApiComponent):
        component = world.application.component(api.table, GlobalTableComponent)
        table = ApplicationTable(name=component.table, partition=component.key.partition, sort=component.key.sort)
        change = SwitchChange(region, None, health, "on purpose", "an operator")
        apply_switch({region: world.engine.client("dynamodb", region)}, table, change, world.engine.clock.now())


def degrade_table_replication(world: World, fault: scenario_documents.TableReplicationLags) -> None:
    """Set the replication lag, or pause the replication of the fault's table."""
    if fault.lag is not None:
        world.tables.lag = fault.lag.total_seconds()
    if fault.paused:
        world.tables.pause(world.application.component(fault.table, GlobalTableComponent).table)


def resume_table_replication(world: World, name: str) -> None:
    """Resume the replication of the table component `name`."""
    world.tables.resume(world.application.component(name, GlobalTableComponent).table)


def set_api_error_rate(world: World, region: str, percent: int) -> None:
    """Make `percent` of the responses of the API in `region` return status 500."""
    world.rest_apis.set_error_rate(region, percent)
