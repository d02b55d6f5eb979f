"""One Region's write fence and health switch: an item of the application's own table, which its API honours.

    #region#<Region>   health: in-service | out-of-service    writes: open | fenced    reason, by, at

It is kept in the replica of the Region that it speaks of, and in the other one. Each is written whole: between replicas
DynamoDB keeps the last writer's *item*, so a write of one attribute here and of another there would lose one of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from leeward.common.aws import naming_errors
from leeward.common.errors import SurprisingAnswer, Transient
from leeward.data.table import OWN, Table, Texts, pack, unpack

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class Writes(StrEnum):
    """Whether the Region's API takes writes."""

    OPEN = "open"
    FENCED = "fenced"


class Health(StrEnum):
    """What the Region's API answers to health checks."""

    IN_SERVICE = "in-service"
    OUT_OF_SERVICE = "out-of-service"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the switch of `region` is to say; None leaves as it is. `reason` and `by` are for people."""

    region: str
    writes: Writes | None
    health: Health | None
    reason: str
    by: str


@dataclass(frozen=True, slots=True)
class State:
    """What a copy of the switch says. Where no one has said anything, the Region is open and in service."""

    writes: Writes = Writes.OPEN
    health: Health = Health.IN_SERVICE
    at: str = ""

    def satisfies(self, wanted: Wanted) -> bool:
        """Is it what is wanted?"""
        return wanted.writes in (None, self.writes) and wanted.health in (None, self.health)

    def with_(self, wanted: Wanted, at: str) -> State:
        """It, changed as wanted."""
        return State(wanted.writes or self.writes, wanted.health or self.health, at)


@dataclass(frozen=True, slots=True)
class Copies:
    """The copies that could be read, by Region, and why the others could not."""

    states: Mapping[str, State]
    unreached: Mapping[str, Transient]

    @property
    def newest(self) -> State:
        """What was said last."""
        return max(self.states.values(), key=lambda state: state.at, default=State())


def look(clients: Mapping[str, DynamoDBClient], table: Table, region: str) -> Copies:
    """Read the switch of `region` in every Region of `clients`. What does not answer is told, not raised."""
    states: dict[str, State] = {}
    unreached: dict[str, Transient] = {}
    for where, client in clients.items():
        try:
            states[where] = _read(client, table, region)
        except Transient as error:
            unreached[where] = error
    return Copies(states, unreached)


def settle(clients: Mapping[str, DynamoDBClient], table: Table, wanted: Wanted, now: datetime) -> Copies:
    """Make every copy that can be reached say what is wanted, and read all of them back. Safe to call again.

    A call that finds everything as wanted writes nothing.
    """
    seen = look(clients, table, wanted.region)
    said = {(state.writes, state.health) for state in seen.states.values()}
    if len(said) == 1 and seen.newest.satisfies(wanted):
        return seen
    goal = seen.newest.with_(wanted, now.isoformat())
    for where in seen.states:
        _write(clients[where], table, wanted, goal)
    return look(clients, table, wanted.region)


def _read(client: DynamoDBClient, table: Table, region: str) -> State:
    call = "dynamodb:GetItem"
    with naming_errors(call):
        answer = client.get_item(TableName=table.name, Key=pack(table.key(_key(region))), ConsistentRead=True)
    item = unpack(dict(answer.get("Item", {})))
    try:
        return State(Writes(item.get("writes", "open")), Health(item.get("health", "in-service")), item.get("at", ""))
    except ValueError as error:
        raise SurprisingAnswer(f"{call}: the switch of {region} in {table.name}: {error}") from error


def _write(client: DynamoDBClient, table: Table, wanted: Wanted, goal: State) -> None:
    texts: Texts = table.key(_key(wanted.region)) | {
        "writes": goal.writes.value,
        "health": goal.health.value,
        "at": goal.at,
        "reason": wanted.reason,
        "by": wanted.by,
    }
    with naming_errors("dynamodb:PutItem"):
        client.put_item(TableName=table.name, Item=pack(texts))


def _key(region: str) -> str:
    return f"{OWN}region#{region}"
