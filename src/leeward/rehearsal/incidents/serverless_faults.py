"""What people do to a serverless application, on purpose or not: by the very calls that they would make."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leeward.data.application_table import ApplicationTable
from leeward.data.region_switch import ServiceState, SwitchChange, apply_switch
from leeward.rehearsal.scenarios import scenario_documents
from leeward.state_machines.components import GlobalTableComponent, RestApiComponent
from leeward.twin.aws.seeded_services.apigateway_rest_apis import API_GATEWAY

if TYPE_CHECKING:
    from leeward.rehearsal.worlds.world_builder import World


def delete_api(world: World, region: str) -> None:
    """DeleteRestApi."""
    for _, api in world.application.components_of_kind(RestApiComponent):
        backend = API_GATEWAY.region(world.engine.account, region)
        backend.delete_rest_api({"restApiId": api.apis[region]})


def stop_function(world: World, region: str) -> None:
    """PutFunctionConcurrency, 0: Lambda throttles every invocation."""
    for _, api in world.application.components_of_kind(RestApiComponent):
        client = world.engine.client("lambda", region)
        client.put_function_concurrency(FunctionName=api.function, ReservedConcurrentExecutions=0)


def release_function(world: World, region: str) -> None:
    """DeleteFunctionConcurrency."""
    for _, api in world.application.components_of_kind(RestApiComponent):
        world.engine.client("lambda", region).delete_function_concurrency(FunctionName=api.function)


def set_health_switch(world: World, region: str, health: ServiceState) -> None:
    """The API's health switch, in the Region's own replica, as an operator sets it."""
    for _, api in world.application.components_of_kind(RestApiComponent):
        component = world.application.component(api.table, GlobalTableComponent)
        table = ApplicationTable(name=component.table, partition=component.key.partition, sort=component.key.sort)
        wanted = SwitchChange(region, None, health, "on purpose", "an operator")
        apply_switch({region: world.engine.client("dynamodb", region)}, table, wanted, world.engine.clock.now())


def degrade_table_replication(world: World, fault: scenario_documents.TableReplicationLags) -> None:
    """Replication is slower, or stands still."""
    if fault.lag is not None:
        world.tables.lag = fault.lag.total_seconds()
    if fault.paused:
        world.tables.pause(world.application.component(fault.table, GlobalTableComponent).table)


def resume_table_replication(world: World, name: str) -> None:
    """Replication goes on."""
    world.tables.resume(world.application.component(name, GlobalTableComponent).table)


def set_api_error_rate(world: World, region: str, percent: int) -> None:
    """So many of a hundred answers of the Region's API are 500."""
    world.rest_apis.set_error_rate(region, percent)
