"""Writes that meet: in one Region exactly one of two holds, and what the table puts off is tried again."""

from __future__ import annotations

import logging
from dataclasses import replace

import pytest
from botocore.stub import Stubber

from tests.ticketing.service import HOME, Service, in_region
from workloads.ticketing.api.contract.settings import InvalidConfiguration, load_settings
from workloads.ticketing.api.service import ticket_store
from workloads.ticketing.api.service.ticket_store import ConflictingItem, TicketStore
from workloads.ticketing.simulated_identity.user_pool import ADA
from workloads.ticketing.table_schema import TABLE


def test_of_two_writes_that_read_the_same_one_holds(service: Service) -> None:
    key = service.post(ADA, description="Hello").body["id"]
    table = TicketStore(ticket_store.dynamodb_client(HOME), TABLE, HOME)
    read = table.get_ticket(key)
    assert read is not None
    first, second = (replace(read, write_id=f"{number:016d}", previous_writes=(read.write_id,)) for number in (1, 2))
    assert table.replace_ticket(first, read) is None
    assert table.replace_ticket(second, read) == ConflictingItem(first)
    assert table.get_ticket(key) == first


def test_the_same_write_sent_again_is_the_same_write(service: Service) -> None:
    """botocore sends a call again when no answer came: it carries the write's own id as the transaction's token."""
    key = service.post(ADA, description="Hello").body["id"]
    sent: list[str] = []
    client = ticket_store.dynamodb_client(HOME)
    client.meta.events.register(
        "provide-client-params.dynamodb.TransactWriteItems",
        lambda params, **_: sent.append(params["ClientRequestToken"]),
        unique_id="seen",
    )
    try:
        service.post(ADA, id=key, version=1, status="closed")
    finally:
        client.meta.events.unregister("provide-client-params.dynamodb.TransactWriteItems", unique_id="seen")
    (item,) = service.stored()
    assert sent == [item["writeId"]["S"]]


@pytest.mark.parametrize("reason", ["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"])
def test_what_the_table_puts_off_is_for_the_client_to_try_again(service: Service, reason: str) -> None:
    with Stubber(ticket_store.dynamodb_client(HOME)) as stub:
        stub.add_client_error(
            "transact_write_items",
            "TransactionCanceledException",
            modeled_fields={"CancellationReasons": [{"Code": "None"}, {"Code": reason}]},
        )
        answer = service.post(ADA, description="Hello")
    assert (answer.status, answer.headers["Retry-After"]) == (503, "1")
    assert service.stored() == []


class _Heard(logging.Handler):
    """What the function's own logger was told, whatever other loggers do with it."""

    def __init__(self) -> None:
        super().__init__()
        self.causes: list[type[BaseException] | None] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.causes.append(record.exc_info[0] if record.exc_info else None)


def test_a_defect_is_a_problem_document_that_tells_nothing(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    # Whoever configures logging in this process may have disabled the loggers that were there.
    monkeypatch.setattr(logging.getLogger("ticketing"), "disabled", False)
    service.put({"id": "half-a-ticket", "owner": ADA.username})
    heard = _Heard()
    logging.getLogger("ticketing").addHandler(heard)
    try:
        answer = service.ask("GET", "/ticket/half-a-ticket", person=ADA)
    finally:
        logging.getLogger("ticketing").removeHandler(heard)
    assert (answer.status, answer.kind) == (500, "application/problem+json")
    assert "KeyError" not in str(answer.body)
    assert KeyError in heard.causes, "the log must have it"


@pytest.mark.parametrize("name", ["AWS_REGION", "TABLE_NAME"])
def test_a_setting_that_is_missing_is_named(name: str) -> None:
    with pytest.raises(InvalidConfiguration, match=name):
        load_settings({other: "x" for other in ("AWS_REGION", "TABLE_NAME") if other != name})


@pytest.mark.parametrize("beat", ["0", "-1", "x", "1.5"])
def test_a_heartbeat_is_a_whole_number_of_seconds(beat: str) -> None:
    with in_region(HOME, HEARTBEAT_SECONDS=beat), pytest.raises(InvalidConfiguration, match="HEARTBEAT_SECONDS"):
        load_settings()
