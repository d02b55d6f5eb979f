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

from leeward.common.aws.clients import translate_errors
from leeward.common.errors import SurprisingAnswer, Transient
from leeward.data.application_table import OWN_KEY_PREFIX, ApplicationTable, TextItem, pack_texts, unpack_texts

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class WriteAccess(StrEnum):
    """Whether the Region's API takes writes."""

    OPEN = "open"
    FENCED = "fenced"


class ServiceState(StrEnum):
    """What the Region's API answers to health checks."""

    IN_SERVICE = "in-service"
    OUT_OF_SERVICE = "out-of-service"


@dataclass(frozen=True, slots=True)
class SwitchChange:
    """What the switch of `region` is to say; None leaves as it is. `reason` and `by` are for people."""

    region: str
    writes: WriteAccess | None
    health: ServiceState | None
    reason: str
    by: str


@dataclass(frozen=True, slots=True)
class SwitchState:
    """What a copy of the switch says. Where no one has said anything, the Region is open and in service."""

    writes: WriteAccess = WriteAccess.OPEN
    health: ServiceState = ServiceState.IN_SERVICE
    at: str = ""

    def satisfies(self, change: SwitchChange) -> bool:
        """Is it what is wanted?"""
        return change.writes in (None, self.writes) and change.health in (None, self.health)

    def changed_by(self, change: SwitchChange, at: str) -> SwitchState:
        """It, changed as wanted."""
        return SwitchState(change.writes or self.writes, change.health or self.health, at)


@dataclass(frozen=True, slots=True)
class SwitchCopies:
    """The copies that could be read, by Region, and why the others could not."""

    states: Mapping[str, SwitchState]
    unreachable: Mapping[str, Transient]

    @property
    def newest(self) -> SwitchState:
        """What was said last."""
        return max(self.states.values(), key=lambda state: state.at, default=SwitchState())


def read_switch(clients: Mapping[str, DynamoDBClient], table: ApplicationTable, region: str) -> SwitchCopies:
    """Read the switch of `region` in every Region of `clients`. What does not answer is told, not raised."""
    states: dict[str, SwitchState] = {}
    unreached: dict[str, Transient] = {}
    for where, client in clients.items():
        try:
            states[where] = _read_copy(client, table, region)
        except Transient as error:
            unreached[where] = error
    return SwitchCopies(states, unreached)


def apply_switch(
    clients: Mapping[str, DynamoDBClient], table: ApplicationTable, change: SwitchChange, now: datetime
) -> SwitchCopies:
    """Make every copy that can be reached say what is wanted, and read all of them back. Safe to call again.

    A call that finds everything as wanted writes nothing.
    """
    seen = read_switch(clients, table, change.region)
    said = {(state.writes, state.health) for state in seen.states.values()}
    if len(said) == 1 and seen.newest.satisfies(change):
        return seen
    goal = seen.newest.changed_by(change, now.isoformat())
    for where in seen.states:
        _write_copy(clients[where], table, change, goal)
    return read_switch(clients, table, change.region)


def _read_copy(client: DynamoDBClient, table: ApplicationTable, region: str) -> SwitchState:
    call = "dynamodb:GetItem"
    with translate_errors(call):
        answer = client.get_item(
            TableName=table.name, Key=pack_texts(table.key(_switch_key(region))), ConsistentRead=True
        )
    item = unpack_texts(dict(answer.get("Item", {})))
    try:
        return SwitchState(
            WriteAccess(item.get("writes", "open")), ServiceState(item.get("health", "in-service")), item.get("at", "")
        )
    except ValueError as error:
        raise SurprisingAnswer(f"{call}: the switch of {region} in {table.name}: {error}") from error


def _write_copy(client: DynamoDBClient, table: ApplicationTable, change: SwitchChange, goal: SwitchState) -> None:
    texts: TextItem = table.key(_switch_key(change.region)) | {
        "writes": goal.writes.value,
        "health": goal.health.value,
        "at": goal.at,
        "reason": change.reason,
        "by": change.by,
    }
    with translate_errors("dynamodb:PutItem"):
        client.put_item(TableName=table.name, Item=pack_texts(texts))


def _switch_key(region: str) -> str:
    return f"{OWN_KEY_PREFIX}region#{region}"
