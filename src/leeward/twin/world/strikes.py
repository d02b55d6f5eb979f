"""What people do to a serverless application, on purpose or not: by the very calls that they would make."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leeward.data.switches import Health, Wanted, settle
from leeward.data.table import Table
from leeward.state_machines.components import GlobalTable, RestApi
from leeward.twin.aws.rest_apis import SERVICE
from leeward.twin.world import documents

if TYPE_CHECKING:
    from leeward.twin.world.build import World


def delete_api(world: World, region: str) -> None:
    """DeleteRestApi."""
    for _, api in world.application.of_kind(RestApi):
        backend = SERVICE.region(world.engine.account, region)
        backend.delete_rest_api({"restApiId": api.apis[region]})


def stop_function(world: World, region: str) -> None:
    """PutFunctionConcurrency, 0: Lambda throttles every invocation."""
    for _, api in world.application.of_kind(RestApi):
        client = world.engine.client("lambda", region)
        client.put_function_concurrency(FunctionName=api.function, ReservedConcurrentExecutions=0)


def release_function(world: World, region: str) -> None:
    """DeleteFunctionConcurrency."""
    for _, api in world.application.of_kind(RestApi):
        world.engine.client("lambda", region).delete_function_concurrency(FunctionName=api.function)


def switch_health(world: World, region: str, health: Health) -> None:
    """The API's health switch, in the Region's own replica, as an operator sets it."""
    for _, api in world.application.of_kind(RestApi):
        component = world.application.component(api.table, GlobalTable)
        table = Table(name=component.table, partition=component.key.partition, sort=component.key.sort)
        wanted = Wanted(region, None, health, "on purpose", "an operator")
        settle({region: world.engine.client("dynamodb", region)}, table, wanted, world.engine.clock.now())


def upset_table(world: World, fault: documents.TableReplication) -> None:
    """Replication is slower, or stands still."""
    if fault.lag is not None:
        world.tables.lag = fault.lag.total_seconds()
    if fault.paused:
        world.tables.pause(world.application.component(fault.table, GlobalTable).table)


def resume_table(world: World, name: str) -> None:
    """Replication goes on."""
    world.tables.resume(world.application.component(name, GlobalTable).table)


def break_api(world: World, region: str, percent: int) -> None:
    """So many of a hundred answers of the Region's API are 500."""
    world.apis.break_some(region, percent)
