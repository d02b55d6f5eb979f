"""Users see a change of DNS when their own resolver's answer runs out, not before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from leeward.rehearsal.clients.client_connection import ClientNetwork, ConnectionLifetime, longest_overrun
from leeward.rehearsal.clients.page_clients import ExpectedPage, PageClients
from leeward.rehearsal.clients.request_metrics import all_served_since, downtime
from leeward.twin.internet.dns import DnsResolver
from leeward.twin.internet.http import Internet, Unreachable
from leeward.twin.internet.web_servers import PageResponse, ServerSoftware, WebServers
from leeward.twin.realism.realism_settings import Realism, RealismPart, SeededDraws
from tests.twin.internet.test_dns import FakeRecord

START = datetime(2026, 3, 1, 9, tzinfo=UTC)
HOME = ExpectedPage("/", "Home")


class TwoRegions:
    """Two load balancers; each can be dark, and can answer with another page."""

    def __init__(self) -> None:
        self.now = START
        self.dark: set[str] = set()
        self.pages = {"east": PageResponse(200, "Home"), "west": PageResponse(200, "Home")}
        self.record = FakeRecord(records=["east"], ttl=30)

    def region_of(self, dns_name: str) -> str | None:
        return dns_name if dns_name in self.pages else None

    def forward(self, dns_name: str, path: str) -> PageResponse:
        return self.pages[dns_name]

    def network(self, realism: Realism, seed: int = 7, lifetime: ConnectionLifetime | None = None) -> ClientNetwork:
        return ClientNetwork(
            "www.example.com",
            DnsResolver(lambda: [self.record], lambda _: True, Random(1)),
            Internet(self, self.dark.__contains__),
            lambda: self.now,
            lifetime or ConnectionLifetime(timedelta(seconds=60), timedelta(seconds=60)),
            timedelta(seconds=5),
            realism,
            SeededDraws(seed, "clients"),
        )

    def clients(self, count: int = 5, *parts: RealismPart, seed: int = 7) -> PageClients:
        """Clients with these parts of realism only."""
        return PageClients([HOME], self.network(Realism(frozenset(parts)), seed), count)

    def moved_after(self, clients: PageClients, seconds: int = 200) -> dict[int, float]:
        """Change the record to west, and return how long each client still went to east."""
        changed_at = self.now
        self.record.records = ["west"]
        self.watch(clients, seconds)
        moved = {r.client: r.at for r in reversed(clients.requests) if r.served_by == "west"}
        return {client: (at - changed_at).total_seconds() for client, at in sorted(moved.items())}

    def watch(self, clients: PageClients, seconds: int) -> None:
        for _ in range(seconds):
            clients.send_requests()
            self.now += timedelta(seconds=1)


def test_clients_cache_dns_answer_for_ttl() -> None:
    world = TwoRegions()
    clients = world.clients()
    world.watch(clients, 60)
    world.dark.add("east")
    incident = world.now
    world.record.records = ["west"]
    world.watch(clients, 40)
    moved = {r.client: r.at for r in reversed(clients.requests) if r.served_by == "west"}
    waits = sorted((at - incident).total_seconds() for at in moved.values())
    assert len(waits) == 5
    assert waits[-1] <= 30
    assert waits[0] < waits[-1], "the users' resolvers do not all expire at once"
    assert all_served_since(clients.requests, "west") == max(moved.values())
    assert downtime(clients.requests, since=START, until=world.now) == timedelta(seconds=waits[-1])


def test_client_returning_to_origin_is_not_served() -> None:
    world = TwoRegions()
    clients = world.clients(count=1)
    world.record.ttl = 1
    world.record.records = ["west"]
    world.watch(clients, 5)
    world.record.records = ["east"]
    world.watch(clients, 5)
    assert all_served_since(clients.requests, "west") is None
    assert all_served_since(clients.requests, "east") == START + timedelta(seconds=5)


def test_some_clients_keep_dns_answers_longer_than_ttl() -> None:
    world = TwoRegions()
    clients = world.clients(60, RealismPart.RESOLVER_OVERRUN)
    world.watch(clients, 40)
    waits = world.moved_after(clients)
    assert len(waits) == 60
    assert 30 + 5 < max(waits.values()) <= 30 + longest_overrun(timedelta(seconds=30)).total_seconds() + 1
    assert len([wait for wait in waits.values() if wait > 30 + 5 + 1]) <= 60 / 5, "most clients are prompt"


def test_clients_without_overrun_resolve_when_ttl_ends() -> None:
    world = TwoRegions()
    clients = world.clients(60)
    world.watch(clients, 40)
    assert max(world.moved_after(clients).values()) <= 30


def test_overrun_is_at_most_one_more_ttl() -> None:
    seconds = [longest_overrun(timedelta(seconds=ttl)).total_seconds() for ttl in (1, 20, 300)]
    assert seconds == [5, 20, 30]


def test_clients_resolve_at_drawn_times() -> None:
    first_moves = []
    for seed in (1, 2):
        world = TwoRegions()
        clients = world.clients(5, RealismPart.RESOLVER_OVERRUN, seed=seed)
        world.watch(clients, 1)
        waits = world.moved_after(clients)
        assert len(set(waits.values())) > 1, "not all at once"
        first_moves.append(waits)
    assert first_moves[0] != first_moves[1]


def test_open_connection_outlives_dns_answer() -> None:
    world = TwoRegions()
    world.record.ttl = 1
    clients = world.clients(8, RealismPart.KEPT_CONNECTIONS)
    world.watch(clients, 100)
    waits = world.moved_after(clients)
    assert 30 < max(waits.values()) <= 61
    assert len(set(waits.values())) > 4, "the connections were opened at different times"
    without = TwoRegions()
    without.record.ttl = 1
    clients = without.clients(8)
    without.watch(clients, 100)
    assert max(without.moved_after(clients).values()) <= 1


def test_error_response_keeps_connection_and_outage_breaks_it() -> None:
    waits = {}
    for name in ("error", "outage"):
        world = TwoRegions()
        world.record.ttl = 1
        clients = world.clients(1, RealismPart.KEPT_CONNECTIONS)
        world.watch(clients, 100)
        if name == "outage":
            world.dark.add("east")
        else:
            world.pages["east"] = PageResponse(503, "no healthy target")
        waits[name] = world.moved_after(clients)[0]
    assert waits["outage"] <= 1
    assert waits["error"] > 5


def test_request_to_unavailable_region_hangs_until_timeout() -> None:
    world = TwoRegions()
    clients = world.clients(1, RealismPart.REQUEST_TIMEOUTS)
    world.dark.add("east")
    world.watch(clients, 12)
    sent = [(r.at, r.ended_at) for r in clients.requests]
    assert sent == [(START + timedelta(seconds=second), START + timedelta(seconds=second + 5)) for second in (0, 5, 10)]
    assert [r.served_by for r in clients.latest_requests] == [None]


def test_request_fails_at_once_without_timeouts() -> None:
    world = TwoRegions()
    clients = world.clients(1)
    world.dark.add("east")
    world.watch(clients, 3)
    assert [r.ended_at for r in clients.requests] == [None, None, None]


def test_response_without_expected_text_is_a_failure() -> None:
    world = TwoRegions()
    world.pages["east"] = PageResponse(200, "Welcome to nginx")
    clients = world.clients(count=1)
    world.watch(clients, 1)
    assert [r.failure_reason for r in clients.failed_requests()] == ["east answered without 'Home'"]


def test_error_page_failure_names_server() -> None:
    world = TwoRegions()
    world.pages["east"] = PageResponse(503, "cannot reach database")
    clients = world.clients(count=1)
    world.watch(clients, 1)
    assert [r.failure_reason for r in clients.failed_requests()] == ["east answered 503: cannot reach database"]


def test_served_by_is_none_without_requests() -> None:
    assert all_served_since([], "west") is None


def test_unknown_address_is_unreachable() -> None:
    world = TwoRegions()
    with pytest.raises(Unreachable, match="north"):
        Internet(world, world.dark.__contains__).get("north", "/")


@dataclass(frozen=True)
class FakeInstance:
    id: str
    group: str
    running_since: datetime | None


def machines(*instances: FakeInstance, seconds: int = 600) -> WebServers:
    software = [
        ServerSoftware("database", boot_time=timedelta(seconds=90)),
        ServerSoftware("home", {"/": "Home"}, required_groups=("database",), boot_time=timedelta(seconds=30)),
    ]
    return WebServers(
        software, lambda region: instances if region == "east" else (), lambda: START + timedelta(seconds=seconds)
    )


DATABASE, WEB = FakeInstance("i-db", "database", START), FakeInstance("i-web", "home", START)


def test_web_server_serves_after_boot_with_database() -> None:
    assert machines(DATABASE, WEB, seconds=10).serve_page("east", "i-web", "/") is None
    waiting = machines(DATABASE, WEB, seconds=60).serve_page("east", "i-web", "/")
    assert waiting == PageResponse(503, "cannot reach database")
    assert machines(DATABASE, WEB, seconds=90).serve_page("east", "i-web", "/") == PageResponse(200, "Home")


def test_database_in_other_region_does_not_count() -> None:
    assert not machines(WEB).is_healthy("east", "i-web")
    assert not machines(DATABASE, WEB).is_healthy("west", "i-web")


def test_stopped_or_unknown_instance_does_not_answer() -> None:
    stopped = FakeInstance("i-web", "home", None)
    assert machines(DATABASE, stopped).serve_page("east", "i-web", "/") is None
    assert machines(DATABASE).serve_page("east", "i-other", "/") is None
    assert machines(DATABASE, WEB).serve_page("east", "i-web", "/nowhere") == PageResponse(404, "no such page")
