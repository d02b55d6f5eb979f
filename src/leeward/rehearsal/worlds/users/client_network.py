"""The clients of a site, and the network of all clients: their DNS, connections, and timeouts."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlsplit

from leeward.rehearsal.clients.client_connection import ClientNetwork, ConnectionLifetime
from leeward.rehearsal.clients.page_clients import ExpectedPage, PageClients
from leeward.rehearsal.scenarios.scenario_documents import WorldDocument
from leeward.state_machines.application.application_document import Application
from leeward.twin.engine import Engine
from leeward.twin.internet.dns import DnsResolver
from leeward.twin.internet.http import Internet
from leeward.twin.realism.realism_settings import SeededDraws

# Elastic Load Balancing, "HTTP client keepalive duration": 3600 seconds by default. The load balancer closes a
# connection after this time, even if it is in use.
_LOAD_BALANCER_LIFETIME = timedelta(seconds=3600)
# Assumed. API Gateway documents no lifetime of a connection, so it varies from the longest to a third of it.
_API_LIFETIME, _SHORTEST_API_SHARE = timedelta(seconds=60), 1 / 3


def make_client_network(
    engine: Engine, application: Application, world_document: WorldDocument, dns: DnsResolver, internet: Internet
) -> ClientNetwork:
    """Return the network of the clients of the application's site."""
    host = urlsplit(application.site.url).hostname if application.site else None
    return ClientNetwork(
        host or "",
        dns,
        internet,
        engine.clock.now,
        connection_lifetime(world_document),
        world_document.users.timeout,
        engine.realism,
        SeededDraws(engine.seed, "clients"),
    )


def make_page_clients(
    application: Application, world_document: WorldDocument, network: ClientNetwork
) -> PageClients | None:
    """Return the clients that request the pages of the application's site, or None without a site."""
    if application.site is None:
        return None
    expected_pages = [ExpectedPage(page.path, page.contains) for page in application.site.pages]
    return PageClients(expected_pages, network, world_document.users.count)


def connection_lifetime(world_document: WorldDocument) -> ConnectionLifetime:
    """Return how long the endpoint keeps a client's connection open: an API, or a load balancer of a site."""
    stated = world_document.users.connection_lifetime
    if world_document.deployment is None:
        lifetime = stated or _LOAD_BALANCER_LIFETIME
        return ConnectionLifetime(lifetime, lifetime)
    longest = stated or _API_LIFETIME
    return ConnectionLifetime(longest * _SHORTEST_API_SHARE, longest)
