"""Builds an application's world: two Regions, its servers in one of them, and the failover resources in both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import chain
from random import Random
from urllib.parse import urlsplit

from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

from leeward.rehearsal import task_clients
from leeward.rehearsal.clients.page_clients import PageClients
from leeward.rehearsal.clients.writing_clients import WritingClients
from leeward.rehearsal.scenarios import scenario_documents
from leeward.rehearsal.worlds import component_worlds, task_deployment
from leeward.rehearsal.worlds.component_worlds import ComponentWorld
from leeward.rehearsal.worlds.dns_records import ApplicationDns
from leeward.rehearsal.worlds.leeward_deployment import LeewardDeployment
from leeward.rehearsal.worlds.serverless import serverless_deployment
from leeward.rehearsal.worlds.serverless.application_outages import has_application_outage
from leeward.rehearsal.worlds.serverless.workload import Workload, load_workload
from leeward.rehearsal.worlds.servers import source_servers, target_groups
from leeward.rehearsal.worlds.users.client_network import make_client_network, make_page_clients
from leeward.state_machines.application.application_document import Application, VariantName
from leeward.state_machines.components.arc_routing_controls import RoutingControlsComponent as RoutingComponent
from leeward.state_machines.components.dynamodb_global_table import GlobalTableComponent
from leeward.twin.aws.drs import DrsSimulator, DrsTimings
from leeward.twin.aws.global_tables import GlobalTables
from leeward.twin.aws.moto_fixes.elbv2_target_health import TargetHealth
from leeward.twin.aws.routing_control import RoutingControlSimulator
from leeward.twin.aws.service_framework.backend_hooks import BackendHooks
from leeward.twin.data_planes import data_plane_metrics, event_source_mappings
from leeward.twin.data_planes.load_balancers import SimulatedLoadBalancers
from leeward.twin.data_planes.rest_apis import SimulatedRestApis
from leeward.twin.data_planes.route53 import SimulatedRoute53
from leeward.twin.engine import PATCHES, Engine, HttpResponse
from leeward.twin.interception import HttpHandler
from leeward.twin.internet.dns import NoDnsAnswer
from leeward.twin.internet.http import HttpRequest, Internet, NoResponse, Unreachable
from leeward.twin.internet.instances import SimulatedInstances
from leeward.twin.internet.web_servers import OK, WebServers
from leeward.twin.realism.realism_settings import RealismPart

# The servers have run for this long when the world starts.
_UPTIME = timedelta(days=30)

PATCHES.add(task_clients.use_separate_clients)


@dataclass(frozen=True, slots=True)
class World:
    """A simulated account with an application that serves from `origin` and is protected in `target`."""

    engine: Engine
    application: Application
    origin: str
    target: str
    drs: DrsSimulator
    routing_controls: RoutingControlSimulator
    application_dns: ApplicationDns
    instances: SimulatedInstances
    target_health: TargetHealth
    web_servers: WebServers
    internet: Internet
    clients: PageClients | WritingClients | None
    tables: GlobalTables
    rest_apis: SimulatedRestApis
    source_servers: Mapping[str, list[str]]
    """The IDs of the initial source servers in `target`, by group."""
    began_at: datetime
    workload: Workload | None = None
    """The application's own code, if the twin runs it."""
    event_source_mappings: tuple[event_source_mappings.EventSourceMapping, ...] = ()
    """The application's functions that read the tables' streams."""

    @property
    def cluster_endpoint_hosts(self) -> Mapping[str, str]:
        """Return the hosts of the routing control cluster's endpoints, by Region."""
        return {
            region: urlsplit(url).netloc
            for _, component in self.application.components_of_kind(RoutingComponent)
            for region, url in component.endpoints.items()
        }

    def is_serving(self, region: str) -> bool:
        """Return whether a user that DNS sends to `region` gets every page of the site now."""
        site = self.application.site
        if site is None or region not in site.endpoints:
            return False
        if self.rest_apis.region_of(site.endpoints[region]):
            # Don't send a request: it would run the API's own code, and the caller can be within a call.
            functions = self.workload.functions if self.workload else ()
            return (
                not self.engine.interceptor.has_outage(region)
                and not has_application_outage(self.engine, functions, region)
                and self.rest_apis.is_callable(region, site.endpoints[region])
            )
        for page in site.pages:
            try:
                response = self.internet.get(site.endpoints[region], page.path)
            except Unreachable:
                return False
            if response.status != OK or page.contains not in response.body:
                return False
        return True


def build_world(
    engine: Engine,
    application: Application,
    world_document: scenario_documents.WorldDocument,
    *,
    origin: str,
    target: str,
    variant: VariantName | None = None,
    deployment: LeewardDeployment | None = None,
    timings: DrsTimings | None = None,
) -> World:
    """Build the world in an open engine that has the application's account.

    - `variant` is the routing variant to publish. By default, it is the one that the application uses.
    - `deployment` comes from synthesized templates. Without it, both Regions get a function for every task.
    - `timings` is how long DRS operations take.
    """
    now = engine.clock.now
    hooks = BackendHooks(now, engine.clock.call_later, Random(f"{engine.seed}|aws"))  # noqa: S311 - for a simulation, not for secrets
    regions = application.regions.both
    software = {s.group: s for s in source_servers.server_software(application, world_document)}
    instances = SimulatedInstances(application.account)
    web_servers = WebServers(software.values(), instances.in_region, now)
    target_health = TargetHealth(
        hooks,
        application.account,
        regions,
        lambda region, i, _port: web_servers.is_healthy(region, i),
        realism=engine.realism,
        seed=engine.seed,
    )
    if deployment is not None:
        deployment.install(engine)
    for region in regions if deployment is None else ():
        task_deployment.deploy_tasks(engine, region, application.application)
    extended = ComponentWorld(engine, hooks, application, origin, target)
    component_worlds.install_services(extended)
    drs = DrsSimulator(hooks, application.account, timings=_drs_timings(engine, timings))
    drs.initialise_region(origin)
    drs.initialise_region(target)
    instance_ids = source_servers.start_instances(engine.client("ec2", origin), application)
    instances.backdate_launch(origin, chain.from_iterable(instance_ids.values()), now() - _UPTIME)
    source_server_ids = source_servers.create_source_servers(
        drs, application, world_document, instance_ids, origin=origin, target=target
    )
    target_groups.create_load_balancers(application, software)
    target_groups.register_targets(engine.client("elbv2", origin), target_health, application, origin, instance_ids)
    controls = RoutingControlSimulator(hooks, application.account)
    load_balancers = SimulatedLoadBalancers(application.account, regions, web_servers, target_health.healthy_targets)
    tables = GlobalTables(
        application.account,
        now,
        partial(engine.clock.call_later, inline=True),
        lambda region: not engine.interceptor.has_outage(region),
    )
    apis = serverless_deployment.create_rest_apis(engine, application)
    internet = Internet(load_balancers, engine.interceptor.has_outage, apis)
    route53 = SimulatedRoute53(engine, controls, internet)
    application_dns = ApplicationDns(application, controls, route53, variant=variant)
    application_dns.publish_records(engine.client("route53", origin), origin)
    component_worlds.create_components(extended)
    network = make_client_network(engine, application, world_document, application_dns.resolver, internet)
    clients: PageClients | WritingClients | None
    workload: Workload | None = None
    mappings: tuple[event_source_mappings.EventSourceMapping, ...] = ()
    if world_document.deployment is not None:
        workload = load_workload(world_document.deployment, regions)
        serverless_deployment.deploy_serverless(engine, application, world_document, workload, tables)
        data_plane_metrics.publish_api_metrics(engine, apis)
        table_names = [table.table for _, table in application.components_of_kind(GlobalTableComponent)]
        data_plane_metrics.publish_replication_latency(engine, regions, table_names, tables)
        serverless_deployment.run_scheduled_functions(engine, application, workload)
        mappings = event_source_mappings.attach_event_source_mappings(engine, tables, workload.streams, regions)
        clients = serverless_deployment.make_writing_clients(engine, application, world_document, workload, network)
        route53.start_health_checks()
    else:
        clients = make_page_clients(application, world_document, network)
    route53.complete_changes()
    engine.interceptor.http.handler = _make_http_handler(engine, application_dns, internet)
    return World(
        engine,
        application,
        origin,
        target,
        drs,
        controls,
        application_dns,
        instances,
        target_health,
        web_servers,
        internet,
        clients,
        tables,
        apis,
        source_server_ids,
        now(),
        workload,
        mappings,
    )


def _drs_timings(engine: Engine, timings: DrsTimings | None) -> DrsTimings:
    chosen = timings or DrsTimings()
    by_size = engine.realism.has(RealismPart.LAUNCH_BY_DISK_SIZE)
    return chosen if by_size else chosen.without_launch_by_disk_size()


def _make_http_handler(engine: Engine, application_dns: ApplicationDns, internet: Internet) -> HttpHandler:
    """Return the handler of the task functions' HTTP requests to names in DNS, load balancers, and APIs.

    The interceptor lets the caller's timeout pass when a Region doesn't respond. A name that doesn't resolve fails at
    once.
    """
    has_timeouts = engine.realism.has(RealismPart.REQUEST_TIMEOUTS)

    def answer(method: str, url: str, headers: Mapping[str, str]) -> HttpResponse:
        url_parts = urlsplit(url)
        host = url_parts.hostname or ""
        path = (url_parts.path or "/") + (f"?{url_parts.query}" if url_parts.query else "")
        body = engine.interceptor.http.request_body.decode("utf-8", "replace")
        request = HttpRequest(method, path, dict(headers), body, headers.get("Host", host))
        try:
            address = host if internet.has_endpoint(host) else application_dns.resolver.resolve(host).value
            response = internet.send(address, request)
        except (NoDnsAnswer, Unreachable) as error:
            if has_timeouts and isinstance(error, NoResponse):
                raise ConnectTimeoutError(None, str(error)) from error
            raise NewConnectionError(None, str(error)) from error
        return HttpResponse(response.status, response.headers, response.body.encode())

    return answer
