"""Builds the world of an application: two Regions, the machines in one of them, everything a failover needs in both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain
from random import Random
from urllib.parse import urlsplit

from urllib3.exceptions import ConnectTimeoutError

from state_machines.components import RoutingControls as RoutingComponent
from state_machines.documents.application import Application
from twin.aws.drs import Drs
from twin.aws.routing_control import RoutingControls
from twin.aws.seam import Seam
from twin.aws.target_health import TargetHealth
from twin.engine import Engine, HttpAnswer
from twin.internet.clients import Check, Clients
from twin.internet.dns import NoAnswer
from twin.internet.http import Internet, Unreachable
from twin.internet.machines import OK, Machines
from twin.templates.deployment import Deployment
from twin.wire import HttpHandler
from twin.world import account, balancers, documents, servers
from twin.world.ec2 import Instances
from twin.world.load_balancers import SimulatedLoadBalancers
from twin.world.names import Names

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
    clients: Clients | None
    servers: Mapping[str, list[str]]
    """Source servers in `target`, by group, as the world began."""
    began_at: datetime

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
    deployment: Deployment | None = None,
) -> World:
    """Build it inside an open engine whose account is the application's. Without a deployment, read from synthesised
    templates, every task stands in both Regions."""
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
    drs = Drs(seam, application.account)
    drs.initialise(origin)
    drs.initialise(target)
    started = servers.start_instances(engine.client("ec2", origin), application)
    instances.veterans(chain.from_iterable(started.values()), now() - _UPTIME)
    protected = servers.protect(drs, application, told, started, origin=origin, target=target)
    balancers.build(application, software)
    balancers.register(engine.client("elbv2", origin), health, application, origin, started)
    controls = RoutingControls(seam, application.account)
    names = Names(application, controls, now, Random(f"{engine.seed}|dns"))  # noqa: S311
    names.publish(engine.client("route53", origin), origin)
    load_balancers = SimulatedLoadBalancers(application.account, regions, machines, health.healthy_targets)
    internet = Internet(load_balancers, engine.wire.is_dark)
    clients = _clients(engine, application, told, names, internet)
    engine.wire.http_handler = _http_handler(names, internet)
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
        protected,
        now(),
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


def _http_handler(names: Names, internet: Internet) -> HttpHandler:
    """Answers the handlers' own HTTP: at a name of the simulated DNS, or at a load balancer's."""

    def answer(method: str, url: str, headers: Mapping[str, str]) -> HttpAnswer:
        del method, headers
        parts = urlsplit(url)
        host = parts.hostname or ""
        try:
            address = host if internet.knows(host) else names.dns.resolve(host).value
            response = internet.get(address, parts.path or "/")
        except (NoAnswer, Unreachable) as error:
            raise ConnectTimeoutError(None, str(error)) from error
        return HttpAnswer(response.status, {}, response.body.encode())

    return answer
