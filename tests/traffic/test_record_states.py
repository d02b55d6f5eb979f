"""When weighted records are confirmed, and what a change of them consists of."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from leeward.common.errors import (
    InvalidInput,
    NotFound,
    RouteUnconfirmed,
)
from leeward.traffic.routing import weighted_records
from leeward.traffic.routing.weighted_records import WeightedEntry, WeightedRecord, build_changes, confirm_weights

RECORD = WeightedRecord(
    hosted_zone="Z",
    record="www.example.com",
    type="A",
    ttl=1000,
    entries=tuple(WeightedEntry(set_identifier=i, value=f"192.0.2.{n}", weight=100 * n) for n, i in enumerate("ab")),
)


def shown(identifier: str, weight: int, value: str, ttl: int = 1000, **more: Any) -> dict[str, Any]:
    record = {
        "Name": "WWW.example.com.",
        "Type": "A",
        "SetIdentifier": identifier,
        "Weight": weight,
        "TTL": int(str(ttl)),
    }
    return record | {"ResourceRecords": [{"Value": value}]} | more


class StubRoute53:
    def __init__(self, *records: dict[str, Any], status: str = "INSYNC") -> None:
        self.records, self.status = records, status

    def get_change(self, Id: str) -> Any:  # noqa: N803 - AWS's name
        return {"ChangeInfo": {"Id": Id, "Status": self.status}}

    def list_resource_record_sets(self, **request: Any) -> Any:
        assert request == {
            "HostedZoneId": "Z", "StartRecordName": "www.example.com", "StartRecordType": "A", "MaxItems": "300",
        }  # fmt: skip
        return {"ResourceRecordSets": list(self.records)}


GOOD = [shown("a", 0, "192.0.2.0"), shown("b", 100, "192.0.2.1")]
DIFFERS = "www.example.com: the change is in sync, but "


def confirm(*records: dict[str, Any], status: str = "INSYNC") -> Any:
    client: Any = StubRoute53(*records, status=status)
    return confirm_weights(client, RECORD, "C1")


@pytest.mark.parametrize("status", list(weighted_records.ChangeStatus))
def test_weights_are_confirmed_when_the_change_is_in_sync(status: str) -> None:
    result = confirm(*GOOD, status=status)
    assert (result.done, result.detail) == (
        (True, "www.example.com: weights are a 0, b 100")
        if status == "INSYNC"
        else (False, "www.example.com: the change C1 is on its way to the name servers")
    )


@pytest.mark.parametrize(
    ("other", "text"),
    [
        (None, "b is not there, not 100 of 192.0.2.1"),
        (shown("b", 99, "192.0.2.1"), "b is weight 99 of 192.0.2.1, not 100 of 192.0.2.1"),
        (shown("b", 101, "192.0.2.1"), "b is weight 101 of 192.0.2.1, not 100 of 192.0.2.1"),
        (shown("b", 100, "192.0.2.0"), "b is weight 100 of 192.0.2.0, not 100 of 192.0.2.1"),
        (shown("b", 100, "192.0.2.9"), "b is weight 100 of 192.0.2.9, not 100 of 192.0.2.1"),
        (shown("b", 100, "192.0.2.1", ttl=999), "b is weight 100 of 192.0.2.1, not 100 of 192.0.2.1"),
        (shown("b", 100, "192.0.2.1", ttl=1001), "b is weight 100 of 192.0.2.1, not 100 of 192.0.2.1"),
        (shown("b", 100, "192.0.2.1", Type="AAAA"), "b is not there, not 100 of 192.0.2.1"),
        (shown("b", 100, "192.0.2.1", Type="TXT"), "b is not there, not 100 of 192.0.2.1"),
        (shown("b", 100, "192.0.2.1", Name="a.example.com."), "b is not there, not 100 of 192.0.2.1"),
        (shown("b", 100, "192.0.2.1", Name="x.example.com."), "b is not there, not 100 of 192.0.2.1"),
    ],
)
def test_record_that_differs_is_unconfirmed(other: dict[str, Any] | None, text: str) -> None:
    with pytest.raises(RouteUnconfirmed) as differing:
        confirm(*GOOD[:1], *([other] if other else []))
    assert str(differing.value) == DIFFERS + text


def test_new_records_are_complete_and_keep_their_health_check() -> None:
    existing: Any = [shown("a", 1, "x"), shown("b", 1, "x", HealthCheckId="hc-1")]
    first, second = build_changes(RECORD, existing)
    assert first == {
        "Action": "UPSERT",
        "ResourceRecordSet": {
            "Name": "www.example.com",
            "Type": "A",
            "SetIdentifier": "a",
            "Weight": 0,
            "TTL": 1000,
            "ResourceRecords": [{"Value": "192.0.2.0"}],
        },
    }
    assert second["ResourceRecordSet"].get("HealthCheckId") == "hc-1"
    alias: Any = [{"SetIdentifier": "a", "AliasTarget": {}}, shown("b", 1, "x")]
    with pytest.raises(InvalidInput, match=r"^www.example.com 'a' is an alias, not the value 192.0.2.0$"):
        build_changes(RECORD, alias)
    with pytest.raises(NotFound, match=r"^www.example.com has no set identifier 'a'; it has b, c$"):
        build_changes(RECORD, [*existing[1:], {**existing[0], "SetIdentifier": "c"}])


@pytest.mark.parametrize(("weight", "valid"), [(-1, False), (0, True), (255, True), (256, False)])
def test_weight_has_limits(weight: int, valid: bool) -> None:
    given: dict[str, Any] = {"set_identifier": "a", "value": "v", "weight": weight}
    if valid:
        WeightedEntry(**given)
    else:
        with pytest.raises(ValidationError):
            WeightedEntry(**given)


def test_record_needs_an_entry() -> None:
    with pytest.raises(ValidationError):
        WeightedRecord(hosted_zone="Z", record="r", type="A", ttl=1, entries=())
