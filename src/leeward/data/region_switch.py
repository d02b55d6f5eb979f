"""A Region's write fence and health switch: an item in the application's table that its API obeys.

    #region#<Region>   health: in-service | out-of-service    writes: open | fenced    reason, by, at

The item is stored in the replicas of both Regions. It is always written as a whole. Between replicas, DynamoDB keeps
the *item* of the last writer, so if each Region wrote a different attribute, one of the writes would be lost.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from leeward.common.aws.clients import translate_errors
from leeward.common.errors import CredentialsExpired, SurprisingAnswer, Transient
from leeward.data.application_table import OWN_KEY_PREFIX, ApplicationTable, TextItem, pack_texts, unpack_texts

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class WriteAccess(StrEnum):
    """Whether the Region's API accepts writes."""

    OPEN = "open"
    FENCED = "fenced"


class ServiceState(StrEnum):
    """How the Region's API responds to health checks."""

    IN_SERVICE = "in-service"
    OUT_OF_SERVICE = "out-of-service"


@dataclass(frozen=True, slots=True)
class SwitchChange:
    """A change to the switch of `region`. None keeps the current value. `reason` and `by` are for operators."""

    region: str
    writes: WriteAccess | None
    health: ServiceState | None
    reason: str
    by: str


@dataclass(frozen=True, slots=True)
class SwitchState:
    """The state of one copy of the switch. Without an item, the Region is open and in service."""

    writes: WriteAccess = WriteAccess.OPEN
    health: ServiceState = ServiceState.IN_SERVICE
    at: str = ""

    def satisfies(self, change: SwitchChange) -> bool:
        """Return whether the state already matches the change."""
        return change.writes in (None, self.writes) and change.health in (None, self.health)

    def changed_by(self, change: SwitchChange, at: str) -> SwitchState:
        """Return the state after the change. `at` is the time of the change."""
        return SwitchState(change.writes or self.writes, change.health or self.health, at)


@dataclass(frozen=True, slots=True)
class SwitchCopies:
    """The copies of a switch by Region, and the errors of the Regions that could not be read."""

    states: Mapping[str, SwitchState]
    unreachable: Mapping[str, Transient]

    @property
    def newest(self) -> SwitchState:
        """Return the state that was written last."""
        return max(self.states.values(), key=lambda state: state.at, default=SwitchState())


def read_switch(clients: Mapping[str, DynamoDBClient], table: ApplicationTable, region: str) -> SwitchCopies:
    """Read the switch of `region` in every Region of `clients`. Transient errors are returned, not raised."""
    states: dict[str, SwitchState] = {}
    unreachable: dict[str, Transient] = {}
    for copy_region, client in clients.items():
        try:
            states[copy_region] = _read_copy(client, table, region)
        except CredentialsExpired:
            raise  # says nothing about the Region
        except Transient as error:
            unreachable[copy_region] = error
    return SwitchCopies(states, unreachable)


def apply_switch(
    clients: Mapping[str, DynamoDBClient], table: ApplicationTable, change: SwitchChange, now: datetime
) -> SwitchCopies:
    """Apply the change to every reachable copy and read these again. Safe to repeat.

    If all copies already match the change, nothing is written.
    """
    copies = read_switch(clients, table, change.region)
    distinct = {(state.writes, state.health) for state in copies.states.values()}
    if len(distinct) == 1 and copies.newest.satisfies(change):
        return copies
    goal = copies.newest.changed_by(change, now.isoformat())
    for copy_region in copies.states:
        _write_copy(clients[copy_region], table, change, goal)
    written = read_switch({each: clients[each] for each in copies.states}, table, change.region)
    return SwitchCopies(written.states, {**copies.unreachable, **written.unreachable})


def _read_copy(client: DynamoDBClient, table: ApplicationTable, region: str) -> SwitchState:
    call = "dynamodb:GetItem"
    with translate_errors(call):
        response = client.get_item(
            TableName=table.name, Key=pack_texts(table.key(_switch_key(region))), ConsistentRead=True
        )
    item = unpack_texts(dict(response.get("Item", {})))
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
