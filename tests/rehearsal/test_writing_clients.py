"""Writing clients wait for responses of their own, and neither delay nor lose a write."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from leeward.rehearsal.clients.client_connection import ClientNetwork, ConnectionLifetime
from leeward.rehearsal.clients.page_clients import ClientRequest
from leeward.rehearsal.clients.write_ledger import WriteLedger
from leeward.rehearsal.clients.writing_clients import WritingClients
from leeward.twin.engine import Engine
from leeward.twin.internet.dns import DnsResolver
from leeward.twin.internet.http import EndpointResponse, HttpRequest, Internet
from leeward.twin.internet.web_servers import PageResponse
from leeward.twin.realism.realism_settings import Realism, RealismPart, SeededDraws
from tests.twin.internet.test_dns import FakeRecord

START = datetime(2026, 3, 1, 9, tzinfo=UTC)


class SlowApi:
    """An API in one Region, whose function takes `latency` seconds for the requests of client 0."""

    def __init__(self, engine: Engine) -> None:
        self.engine, self.latency, self.is_down = engine, 0.0, False

    def region_of(self, dns_name: str) -> str | None:
        return "east" if dns_name == "east" else None

    def forward(self, dns_name: str, path: str) -> PageResponse:
        raise NotImplementedError

    def answer(self, dns_name: str, request: HttpRequest) -> EndpointResponse:
        if self.latency and request.path == "/0":
            self.engine.clock.sleep(self.latency)
        return EndpointResponse(200, "id", "east")


class Script:
    def write_request(self, number: int, client: int, now: datetime) -> HttpRequest:
        return HttpRequest("POST", f"/{client}")

    def read_request(self, item_id: str, client: int, now: datetime) -> HttpRequest:
        return HttpRequest("GET", f"/{client}")

    def created_id(self, response: EndpointResponse) -> str | None:
        return response.body


def watch(
    seconds: float,
    prepare: Callable[[SlowApi], None],
    *parts: RealismPart,
    change: Callable[[SlowApi], None] | None = None,
) -> WritingClients:
    """Two clients that send a request every 4 s. `change` is called 0.5 s before the end."""
    with Engine(START, seed=7) as engine:
        api = SlowApi(engine)
        prepare(api)
        network = ClientNetwork(
            "www.example.com",
            DnsResolver(lambda: [FakeRecord(records=["east"], ttl=30)], lambda _: True, Random(1)),
            Internet(_NoLoadBalancers(), lambda _: api.is_down, api),
            engine.clock.now,
            ConnectionLifetime(timedelta(seconds=20), timedelta(seconds=60)),
            timedelta(seconds=5),
            Realism(frozenset(parts)),
            SeededDraws(7, "clients"),
        )
        clients = WritingClients(
            Script(),
            network,
            lambda action: engine.clock.call_later(0, action),
            ["east", "east"],
            WriteLedger(_no_number),
            request_interval=timedelta(seconds=4),
        )
        engine.clock.call_every(1, clients.send_requests, inline=True)
        engine.clock.sleep(seconds - 0.5)
        if change is not None:
            change(api)
        engine.clock.sleep(0.5)
        return clients


class _NoLoadBalancers:
    def region_of(self, dns_name: str) -> str | None:
        return None

    def forward(self, dns_name: str, path: str) -> PageResponse:
        raise NotImplementedError


def _no_number(_: Mapping[str, Any]) -> int | None:
    return None


def sent_seconds(clients: WritingClients, client: int) -> list[float]:
    return [(r.at - START).total_seconds() for r in clients.requests if r.client == client]


def waited_seconds(request: ClientRequest) -> float:
    assert request.ended_at is not None
    return (request.ended_at - request.at).total_seconds()


def test_slow_client_does_not_delay_others() -> None:
    def slow(api: SlowApi) -> None:
        api.latency = 3

    clients = watch(14, slow)
    assert sent_seconds(clients, 1) == [5, 9, 13]
    assert sent_seconds(clients, 0) == [1, 5, 9]
    assert {waited_seconds(r) for r in clients.requests if r.client == 0} == {3}
    assert [r.at for r in clients.requests] == sorted(r.at for r in clients.requests)


def test_client_gives_up_after_timeout_and_retries_same_write() -> None:
    def slow(api: SlowApi) -> None:
        api.latency = 8

    clients = watch(30, slow, RealismPart.REQUEST_TIMEOUTS)
    failed = [r for r in clients.requests if r.client == 0]
    assert {(r.served_by, waited_seconds(r)) for r in failed} == {(None, 5)}
    assert "within 5 s" in failed[0].failure_reason
    (write,) = [write for write in clients.ledger.writes.values() if write.client == 0]
    assert write.attempts >= 3
    assert write.acknowledged_at is None
    patient = watch(30, slow)
    assert {waited_seconds(r) for r in patient.requests if r.client == 0} == {8}


def test_unavailable_region_takes_timeout_and_retry_interval() -> None:
    def fail(api: SlowApi) -> None:
        api.is_down = True

    clients = watch(24, fail, RealismPart.REQUEST_TIMEOUTS)
    assert sent_seconds(clients, 0) == [1, 8, 15, 22]
    assert sent_seconds(watch(8, fail), 0) == [1, 3, 5, 7]


def test_response_is_lost_when_region_fails_meanwhile() -> None:
    def slow(api: SlowApi) -> None:
        api.latency = 3

    def fail(api: SlowApi) -> None:
        api.is_down = True

    clients = watch(4, slow, change=fail)
    (request,) = clients.requests
    assert (request.served_by, request.failure_reason) == (None, "east does not answer")
    assert clients.ledger.writes[1].acknowledged_at is None
