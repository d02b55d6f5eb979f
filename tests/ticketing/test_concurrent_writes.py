"""Writes that meet: in one Region exactly one of two holds, and what the table puts off is tried again."""

from __future__ import annotations

import logging
from dataclasses import replace

import pytest
from botocore.stub import Stubber

from tests.ticketing.two_region_service import HOME_REGION, TicketingService, in_region
from workloads.ticketing import region_switch
from workloads.ticketing.api.contract.settings import InvalidConfiguration, load_settings
from workloads.ticketing.api.service import ticket_store
from workloads.ticketing.api.service.ticket_store import ConflictingItem, TicketStore
from workloads.ticketing.simulated_identity.user_pool import ADA
from workloads.ticketing.table_schema import TABLE


def test_one_of_two_writes_with_same_version_succeeds(service: TicketingService) -> None:
    key = service.post(ADA, description="Hello").body["id"]
    table = TicketStore(ticket_store.dynamodb_client(HOME_REGION), TABLE, HOME_REGION)
    read = table.get_ticket(key)
    assert read is not None
    first, second = (replace(read, write_id=f"{number:016d}", previous_writes=(read.write_id,)) for number in (1, 2))
    assert table.replace_ticket(first, read) is None
    assert table.replace_ticket(second, read) == ConflictingItem(first)
    assert table.get_ticket(key) == first


def test_resent_write_is_idempotent(service: TicketingService) -> None:
    """botocore sends a call again when no answer came: it carries the write's own id as the transaction's token."""
    key = service.post(ADA, description="Hello").body["id"]
    sent: list[str] = []
    client = ticket_store.dynamodb_client(HOME_REGION)
    client.meta.events.register(
        "provide-client-params.dynamodb.TransactWriteItems",
        lambda params, **_: sent.append(params["ClientRequestToken"]),
        unique_id="seen",
    )
    try:
        service.post(ADA, id=key, version=1, status="closed")
    finally:
        client.meta.events.unregister("provide-client-params.dynamodb.TransactWriteItems", unique_id="seen")
    (item,) = service.items()
    assert sent == [item["writeId"]["S"]]


def test_fence_that_is_set_while_a_write_is_sent_stops_the_write(service: TicketingService) -> None:
    """The write checks the fence in its own transaction, not only before it."""
    client = ticket_store.dynamodb_client(HOME_REGION)
    fences: list[int] = []

    def fence(**_: object) -> None:
        if not fences:
            fences.append(region_switch.main(["fence", "--region", HOME_REGION, "--by", "jo", "--reason", "failover"]))

    event = "provide-client-params.dynamodb.TransactWriteItems"
    client.meta.events.register(event, fence, unique_id="fence")
    try:
        answer = service.post(ADA, description="Hello")
    finally:
        client.meta.events.unregister(event, unique_id="fence")
    assert len(fences) == 1
    assert answer.status == 503
    assert [item for item in service.items() if not item["id"]["S"].startswith("#")] == []


@pytest.mark.parametrize("reason", ["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"])
def test_cancelled_transaction_returns_retryable_error(service: TicketingService, reason: str) -> None:
    with Stubber(ticket_store.dynamodb_client(HOME_REGION)) as stub:
        stub.add_client_error(
            "transact_write_items",
            "TransactionCanceledException",
            modeled_fields={"CancellationReasons": [{"Code": "None"}, {"Code": reason}]},
        )
        answer = service.post(ADA, description="Hello")
    assert (answer.status, answer.headers["Retry-After"]) == (503, "1")
    assert service.items() == []


class _LogCollector(logging.Handler):
    """What the function's own logger was told, whatever other loggers do with it."""

    def __init__(self) -> None:
        super().__init__()
        self.causes: list[type[BaseException] | None] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.causes.append(record.exc_info[0] if record.exc_info else None)


def test_unexpected_error_returns_generic_problem_document(
    service: TicketingService, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Whoever configures logging in this process may have disabled the loggers that were there.
    monkeypatch.setattr(logging.getLogger("ticketing"), "disabled", False)
    service.put_item({"id": "half-a-ticket", "owner": ADA.username})
    received = _LogCollector()
    logging.getLogger("ticketing").addHandler(received)
    try:
        answer = service.request("GET", "/ticket/half-a-ticket", person=ADA)
    finally:
        logging.getLogger("ticketing").removeHandler(received)
    assert (answer.status, answer.kind) == (500, "application/problem+json")
    assert "KeyError" not in str(answer.body)
    assert KeyError in received.causes, "the log must have it"


@pytest.mark.parametrize("name", ["AWS_REGION", "TABLE_NAME"])
def test_missing_setting_is_named(name: str) -> None:
    with pytest.raises(InvalidConfiguration, match=name):
        load_settings({other: "x" for other in ("AWS_REGION", "TABLE_NAME") if other != name})


@pytest.mark.parametrize("beat", ["0", "-1", "x", "1.5"])
def test_heartbeat_is_whole_seconds(beat: str) -> None:
    with in_region(HOME_REGION, HEARTBEAT_SECONDS=beat), pytest.raises(InvalidConfiguration, match="HEARTBEAT_SECONDS"):
        load_settings()
