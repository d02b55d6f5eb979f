"""Builds the world of an application: two Regions, the machines in one of them, everything a failover needs in both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import chain
from random import Random
from urllib.parse import urlsplit

from urllib3.exceptions import ConnectTimeoutError

from leeward.state_machines.components import RoutingControls as RoutingComponent
from leeward.state_machines.documents.application import Application, VariantName
from leeward.twin.aws.drs import Drs, Timings
from leeward.twin.aws.global_tables import GlobalTables
from leeward.twin.aws.routing_control import RoutingControls
from leeward.twin.aws.seam import Seam
from leeward.twin.aws.target_health import TargetHealth
from leeward.twin.engine import Engine, HttpAnswer
from leeward.twin.internet.clients import Check, Clients
from leeward.twin.internet.dns import NoAnswer
from leeward.twin.internet.http import Internet, Request, Unreachable
from leeward.twin.internet.machines import OK, Machines
from leeward.twin.internet.writers import Writers
from leeward.twin.templates.deployment import Deployment
from leeward.twin.wire import HttpHandler
from leeward.twin.world import account, balancers, documents, serverless, servers, streams
from leeward.twin.world.apis import SimulatedApis
from leeward.twin.world.ec2 import Instances
from leeward.twin.world.load_balancers import SimulatedLoadBalancers
from leeward.twin.world.names import Names
from leeward.twin.world.workload import Workload, load

_FIRST_REFUSED = 400
# The machines have served for this long when the world begins.
_UPTIME = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class World:
    """A simulated account in which an application serves from `origin`, protected in `target`."""

    engine: Engine
    application: Application
    origin: str
    target: str
    drs: Drs
    controls: RoutingControls
    names: Names
    instances: Instances
    health: TargetHealth
    machines: Machines
    internet: Internet
    clients: Clients | Writers | None
    tables: GlobalTables
    apis: SimulatedApis
    servers: Mapping[str, list[str]]
    """Source servers in `target`, by group, as the world began."""
    began_at: datetime
    front: Workload | None = None
    """The application's own code, where the twin runs it."""
    followers: tuple[streams.Follower, ...] = ()
    """Its functions on the tables' streams."""

    @property
    def endpoints(self) -> Mapping[str, str]:
        """The hosts of the routing-control cluster's endpoints, by Region."""
        return {
            region: urlsplit(url).netloc
            for _, component in self.application.of_kind(RoutingComponent)
            for region, url in component.endpoints.items()
        }

    def serves(self, region: str) -> bool:
        """Would a user whom DNS sends to `region` get every page of the site now?"""
        site = self.application.site
        if site is None or region not in site.endpoints:
            return False
        if self.apis.region_of(site.endpoints[region]):
            # Not by asking: who looks may be in the middle of a call, and the API's own code would be run.
            return not self.engine.wire.is_dark(region) and self.apis.alive(region, site.endpoints[region])
        for page in site.pages:
            try:
                response = self.internet.get(site.endpoints[region], page.path)
            except Unreachable:
                return False
            if response.status != OK or page.contains not in response.body:
                return False
        return True


def build(
    engine: Engine,
    application: Application,
    told: documents.WorldDocument,
    *,
    origin: str,
    target: str,
    variant: VariantName | None = None,
    deployment: Deployment | None = None,
    timings: Timings | None = None,
) -> World:
    """Build it inside an open engine whose account is the application's. `variant` is the routing to publish, by
    default the one that the application uses. Without a deployment, read from synthesised templates, every task stands
    in both Regions. `timings`: how long DRS takes."""
    now = engine.clock.now
    seam = Seam(now, engine.clock.later, Random(f"{engine.seed}|aws"))  # noqa: S311 - a simulation's chance, not a secret
    regions = application.regions.both
    software = {s.group: s for s in servers.software(application, told)}
    instances = Instances(application.account)
    machines = Machines(software.values(), instances.in_region, now)
    health = TargetHealth(seam, application.account, regions, lambda region, i, _port: machines.is_healthy(region, i))
    if deployment is not None:
        deployment.install(engine)
    for region in regions if deployment is None else ():
        account.deploy(engine, region, application.application)
    drs = Drs(seam, application.account, timings=timings)
    drs.initialise(origin)
    drs.initialise(target)
    started = servers.start_instances(engine.client("ec2", origin), application)
    instances.veterans(chain.from_iterable(started.values()), now() - _UPTIME)
    protected = servers.protect(drs, application, told, started, origin=origin, target=target)
    balancers.build(application, software)
    balancers.register(engine.client("elbv2", origin), health, application, origin, started)
    controls = RoutingControls(seam, application.account)
    load_balancers = SimulatedLoadBalancers(application.account, regions, machines, health.healthy_targets)
    tables = GlobalTables(
        application.account,
        now,
        partial(engine.clock.later, inline=True),
        lambda region: not engine.wire.is_dark(region),
    )
    apis = SimulatedApis(engine, application)
    internet = Internet(load_balancers, engine.wire.is_dark, apis)
    chance = Random(f"{engine.seed}|dns")  # noqa: S311
    names = Names(application, controls, now, chance, variant=variant, ask=partial(_answers_well, internet))
    names.publish(engine.client("route53", origin), origin)
    clients: Clients | Writers | None
    workload: Workload | None = None
    followers: tuple[streams.Follower, ...] = ()
    if told.deployment is not None:
        workload = load(told.deployment, regions)
        serverless.deploy(engine, application, told, workload, tables)
        serverless.publish_metrics(engine, apis)
        serverless.publish_lag(engine, application, tables)
        serverless.keep_schedules(engine, application, workload)
        followers = streams.follow(engine, tables, workload, regions)
        clients = serverless.writers(engine, application, told, workload, dns=names.dns, internet=internet)
        engine.clock.every(1, names.health.tick, name="health checks")
    else:
        clients = _clients(engine, application, told, names, internet)
    engine.wire.http_handler = _http_handler(engine, names, internet)
    return World(
        engine,
        application,
        origin,
        target,
        drs,
        controls,
        names,
        instances,
        health,
        machines,
        internet,
        clients,
        tables,
        apis,
        protected,
        now(),
        workload,
        followers,
    )


def _clients(
    engine: Engine, application: Application, told: documents.WorldDocument, names: Names, internet: Internet
) -> Clients | None:
    site = application.site
    if site is None:
        return None
    checks = [Check(page.path, page.contains) for page in site.pages]
    host = urlsplit(site.url).hostname or ""
    return Clients(host, checks, names.dns, internet, engine.clock.now, told.users.count)


def _answers_well(internet: Internet, host: str, path: str) -> bool:
    """As a health check sees it: 2xx or 3xx within its time (Route 53 Developer Guide)."""
    try:
        return internet.get(host, path).status < _FIRST_REFUSED
    except Unreachable:
        return False


def _http_handler(engine: Engine, names: Names, internet: Internet) -> HttpHandler:
    """Answers the handlers' own HTTP: at a name of the simulated DNS, or at a load balancer's or an API's."""

    def answer(method: str, url: str, headers: Mapping[str, str]) -> HttpAnswer:
        parts = urlsplit(url)
        host = parts.hostname or ""
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        body = engine.wire.http_body.decode("utf-8", "replace")
        request = Request(method, path, dict(headers), body, headers.get("Host", host))
        try:
            address = host if internet.knows(host) else names.dns.resolve(host).value
            response = internet.send(address, request)
        except (NoAnswer, Unreachable) as error:
            raise ConnectTimeoutError(None, str(error)) from error
        return HttpAnswer(response.status, response.headers, response.body.encode())

    return answer
