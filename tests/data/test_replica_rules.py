"""What makes a replica unfit for a move, state by state, and when a switch is written."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from leeward.common.errors import SurprisingAnswer, Throttled
from leeward.data import replication_markers
from leeward.data.application_table import ApplicationTable, pack_texts, unpack_texts
from leeward.data.region_switch import ServiceState, SwitchChange, SwitchState, WriteAccess, apply_switch, read_switch
from leeward.data.replica_status import inspect_replica

AT = datetime(2026, 3, 1, 9, tzinfo=UTC)
TABLE = ApplicationTable(name="tickets", partition="id", sort="kind")


class StubTable:
    """One replica. `table` and `recovery` are what DynamoDB describes, and `item` is the switch."""

    def __init__(self, table: dict[str, Any] | None = None, recovery: str | None = "ENABLED", **item: str) -> None:
        self.table, self.recovery, self.item = table or {}, recovery, item
        self.writes: list[dict[str, Any]] = []
        self.left = False

    def describe_table(self, **_: object) -> Any:
        return {"Table": self.table}

    def describe_continuous_backups(self, **_: object) -> Any:
        shown = (
            {"PointInTimeRecoveryDescription": {"PointInTimeRecoveryStatus": self.recovery}} if self.recovery else {}
        )
        return {"ContinuousBackupsDescription": shown}

    def get_item(self, **request: Any) -> Any:
        assert request["Key"] == {"id": {"S": "#region#a"}, "kind": {"S": "#"}}
        assert request["ConsistentRead"]
        return {"Item": pack_texts(self.item)} if self.item else {}

    def put_item(self, **request: Any) -> None:
        self.item = unpack_texts(request["Item"])
        self.writes.append(self.item)

    def batch_write_item(self, RequestItems: Any) -> Any:  # noqa: N803 - AWS's name
        self.writes += RequestItems["tickets"]
        return {"UnprocessedItems": {"tickets": [1]}} if self.left else {}

    def batch_get_item(self, RequestItems: Any) -> Any:  # noqa: N803 - AWS's name
        assert RequestItems["tickets"]["ConsistentRead"]
        found = [{"id": {"S": "m"}, "writtenAt": {"S": AT.isoformat()}, "expiresAt": {"N": "1"}}]
        return {"Responses": {"tickets": found}} | ({"UnprocessedKeys": {"tickets": 1}} if self.left else {})


def described(**more: Any) -> dict[str, Any]:
    given = {
        "TableStatus": "ACTIVE",
        "Replicas": [{"RegionName": "a"}],
        "StreamSpecification": {"StreamEnabled": True},
    }
    return {name: value for name, value in (given | more).items() if value is not None}


@pytest.mark.parametrize(
    ("more", "problems"),
    [
        ({}, []),
        ({"TableStatus": "UPDATING"}, []),
        ({"TableStatus": "DELETING"}, ["tickets in b is DELETING, not ACTIVE"]),
        ({"TableStatus": "ARCHIVED"}, ["tickets in b is ARCHIVED, not ACTIVE"]),
        ({"GlobalTableVersion": "2019.11.21"}, []),
        ({"GlobalTableVersion": "2017.11.29"}, ["tickets is a global table of version 2017.11.29, not 2019.11.21"]),
        ({"StreamSpecification": None}, ["tickets in b has no stream, so it can't replicate"]),
        ({"StreamSpecification": {"StreamEnabled": False}}, ["tickets in b has no stream, so it can't replicate"]),
        ({"Replicas": [{"RegionName": "c"}]}, ["tickets in b has no replica in a, so nothing is replicated"]),
        ({"Replicas": [{"RegionName": "a", "ReplicaStatus": "CREATING"}]}, []),
    ],
)
def test_description_of_table_shows_problems(more: dict[str, Any], problems: list[str]) -> None:
    client: Any = StubTable(described(**more))
    found = inspect_replica(client, TABLE, "b", "a", backups=True)
    assert list(found.problems) == problems
    state = described(**more)["TableStatus"]
    other = next(
        (r.get("ReplicaStatus", "ACTIVE") for r in described(**more)["Replicas"] if r["RegionName"] == "a"), None
    )
    assert list(found.remarks) == ([f"tickets is {state} in b, its replica in a is {other}"] if other else [])
    assert found.text == "; ".join([*problems, *found.remarks])


@pytest.mark.parametrize("backups", [True, False])
@pytest.mark.parametrize("recovery", ["ENABLED", "DISABLED", None])
def test_backups_are_needed_only_where_declared(backups: bool, recovery: str | None) -> None:
    client: Any = StubTable(described(), recovery)
    found = inspect_replica(client, TABLE, "b", "a", backups=backups)
    lacks = backups and recovery != "ENABLED"
    assert list(found.problems) == (
        ["tickets in b has no continuous backups (point-in-time recovery)"] if lacks else []
    )


# -- the switch -------------------------------------------------------------------------------------


def change(writes: WriteAccess | None = None, health: ServiceState | None = None) -> SwitchChange:
    return SwitchChange("a", writes, health, "why", "run-1")


@pytest.mark.parametrize("writes", list(WriteAccess))
@pytest.mark.parametrize("health", list(ServiceState))
@pytest.mark.parametrize("wanted_writes", [*WriteAccess, None])
@pytest.mark.parametrize("wanted_health", [*ServiceState, None])
def test_switch_is_written_only_if_it_differs(
    writes: WriteAccess, health: ServiceState, wanted_writes: WriteAccess | None, wanted_health: ServiceState | None
) -> None:
    one, two = (StubTable(writes=writes, health=health, at="2026-01-01") for _ in range(2))
    both: Any = {"a": one, "b": two}
    copies = apply_switch(both, TABLE, change(wanted_writes, wanted_health), AT)
    goal = (wanted_writes or writes, wanted_health or health)
    assert {(state.writes, state.health) for state in copies.states.values()} == {goal}
    assert bool(one.writes) is bool(two.writes) is (goal != (writes, health))
    if one.writes:
        expected = {"id": "#region#a", "kind": "#", "writes": goal[0], "health": goal[1], "at": AT.isoformat()}
        assert one.writes == two.writes == [expected | {"reason": "why", "by": "run-1"}]


def test_copies_that_differ_get_the_newest_state() -> None:
    old = StubTable(writes="open", health="in-service", at="2026-01-01")
    new = StubTable(writes="fenced", health="out-of-service", at="2026-01-02")
    for order in ({"a": old, "b": new}, {"b": new, "a": old}):
        both: Any = order
        assert read_switch(both, TABLE, "a").newest.writes is WriteAccess.FENCED
    both = {"a": old, "b": new}
    copies = apply_switch(both, TABLE, change(WriteAccess.FENCED), AT)
    assert set(copies.states.values()) == {SwitchState(WriteAccess.FENCED, ServiceState.OUT_OF_SERVICE, AT.isoformat())}


@pytest.mark.parametrize("item", [{"writes": "closed"}, {"health": "ill"}])
def test_unknown_state_of_switch_is_rejected(item: dict[str, str]) -> None:
    clients: Any = {"a": StubTable(**item)}
    with pytest.raises(SurprisingAnswer, match=r"^dynamodb:GetItem: the switch of a in tickets: "):
        read_switch(clients, TABLE, "a")


# -- markers ----------------------------------------------------------------------------------------


def test_markers_are_kept_for_a_week_in_different_partitions() -> None:
    table = StubTable()
    client: Any = table
    keys = replication_markers.marker_keys("run#step#1", 2)
    assert keys == ["#marker#1#run#step#1", "#marker#2#run#step#1"]
    assert [len(replication_markers.marker_keys("x", count)) for count in (1, 3, 25)] == [1, 3, 25]
    replication_markers.write_markers(client, TABLE, keys, AT)
    first = table.writes[0]["PutRequest"]["Item"]
    assert first == {
        "id": {"S": keys[0]},
        "kind": {"S": "#"},
        "writtenAt": {"S": AT.isoformat()},
        "expiresAt": {"N": str(int((AT + timedelta(days=7)).timestamp()))},
    }
    replication_markers.delete_markers(client, TABLE, keys)
    assert table.writes[2:] == [{"DeleteRequest": {"Key": pack_texts(TABLE.key(key))}} for key in keys]
    assert replication_markers.read_markers(client, TABLE, ["m"]) == {"m": AT}


def test_incomplete_batches_are_tried_again() -> None:
    table = StubTable()
    table.left = True
    client: Any = table
    with pytest.raises(Throttled, match="left items unwritten"):
        replication_markers.write_markers(client, TABLE, ["m"], AT)
    with pytest.raises(Throttled, match="left keys unread"):
        replication_markers.read_markers(client, TABLE, ["m"])
