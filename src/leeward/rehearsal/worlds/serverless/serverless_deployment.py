"""Creates a serverless application's resources in each Region: functions, tables, user pools, secrets, and APIs."""

from __future__ import annotations

from functools import partial

from leeward.rehearsal.clients.client_connection import ClientNetwork
from leeward.rehearsal.clients.write_ledger import WriteLedger
from leeward.rehearsal.clients.writing_clients import WritingClients
from leeward.rehearsal.scenarios import scenario_documents
from leeward.rehearsal.worlds.serverless.workload import Workload
from leeward.state_machines.application.application_document import Application
from leeward.state_machines.components.apigateway_rest_api import RestApiComponent
from leeward.state_machines.components.dynamodb_global_table import GlobalTableComponent
from leeward.twin.aws.global_tables import GlobalTables
from leeward.twin.aws.seeded_services.apigateway_rest_apis import SimulatedRestApi
from leeward.twin.aws.seeded_services.cognito_user_pools import USER_POOLS
from leeward.twin.data_planes.rest_apis import SimulatedRestApis
from leeward.twin.engine import Engine
from leeward.twin.errors import TwinError

# The function timeout, which is shorter than API Gateway's timeout of 29 s.
_FUNCTION_SECONDS = 28


def deploy_serverless(
    engine: Engine,
    application: Application,
    world_document: scenario_documents.WorldDocument,
    workload: Workload,
    tables: GlobalTables,
) -> None:
    """Create the functions, table replicas, user pools, and canary secrets in both Regions."""
    regions = application.regions.both
    secrets = {api.canary for _, api in application.components_of_kind(RestApiComponent) if api.canary}
    for region, other in (regions, regions[::-1]):
        for name, handler in workload.functions.items():
            environment = {**workload.environment(region, other), "POWERTOOLS_LOG_LEVEL": "CRITICAL"}
            engine.functions.register(
                region,
                name,
                handler,
                timeout_seconds=_FUNCTION_SECONDS,
                latency_seconds=0,
                environment={**environment, "POWERTOOLS_TRACE_DISABLED": "true"},
            )
        pool = USER_POOLS.region(engine.account, region)
        pool.sign_in_by_client[workload.client_id(region)] = partial(_sign_in, engine, workload, region)
        for secret in secrets:
            client = engine.client("secretsmanager", region)
            client.create_secret(Name=secret, SecretString=workload.canary_secret(region))
    for name, table in application.components_of_kind(GlobalTableComponent):
        for region in regions:
            client = engine.client("dynamodb", region)
            workload.create_table(client, table.table)
            if table.point_in_time_recovery:
                client.update_continuous_backups(
                    TableName=table.table, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
                )
        tables.set_replica_regions(table.table, regions)
        if name in world_document.tables:
            tables.lag = world_document.tables[name].lag.total_seconds()


def make_writing_clients(
    engine: Engine,
    application: Application,
    world_document: scenario_documents.WorldDocument,
    workload: Workload,
    network: ClientNetwork,
) -> WritingClients:
    """Return the clients. Each is near the Region in the world document, or near the primary Region.

    Raises TwinError when the application has no site.
    """
    if application.site is None:
        raise TwinError(f"{application.application} has users but no site. Add `site` to its document")
    nearest_regions = [region for region, count in world_document.users.near.items() for _ in range(count)]
    nearest_regions += [application.regions.primary] * max(0, world_document.users.count - len(nearest_regions))
    return WritingClients(
        workload, network, lambda action: engine.clock.call_later(0, action, name="user"),
        nearest_regions[: world_document.users.count], WriteLedger(workload.write_number),
        request_interval=world_document.users.every,
    )  # fmt: skip


def create_rest_apis(engine: Engine, application: Application) -> SimulatedRestApis:
    """Create each API of the application in both Regions."""
    apis = SimulatedRestApis(engine)
    for _, api in application.components_of_kind(RestApiComponent):
        for region in application.regions.both:
            apis.add_api(
                region,
                SimulatedRestApi(
                    api.apis[region], api.name, api.stage, api.domain, api.endpoints[region], api.function,
                    api.certificates[region],
                ),
            )  # fmt: skip
    return apis


def run_scheduled_functions(engine: Engine, application: Application, workload: Workload) -> None:
    """Run scheduled functions in every available Region, once at the start and then on schedule."""

    def run(region: str, name: str) -> None:
        if not engine.interceptor.has_outage(region):
            engine.functions.invoke_async(engine.functions.find(name, region), "{}")

    for name, seconds in workload.schedules.items():
        for region in application.regions.both:
            engine.clock.call_later(1, partial(run, region, name), name="schedule", inline=True)
            engine.clock.call_every(seconds, partial(run, region, name), name="schedule", inline=True)


def _sign_in(engine: Engine, workload: Workload, region: str, username: str, password: str) -> str | None:
    return workload.sign_in(region, username, password, engine.clock.now())
