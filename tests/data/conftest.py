"""A global table in two Regions, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest

from leeward.data.application_table import ApplicationTable
from leeward.twin.aws.global_tables import GlobalTables
from leeward.twin.engine import Engine
from leeward.twin.realism.realism_settings import Realism

HERE, THERE = "eu-west-1", "ap-southeast-1"
START = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
TABLE = ApplicationTable(name="tickets", partition="id")


@dataclass
class ReplicatedTables:
    """The world."""

    engine: Engine
    replication: GlobalTables

    def client(self, region: str) -> Any:
        return self.engine.client("dynamodb", region)

    def write(self, region: str, key: str, **texts: str) -> None:
        item = {"id": {"S": key}, **{name: {"S": text} for name, text in texts.items()}}
        self.client(region).put_item(TableName="tickets", Item=item)

    def read(self, region: str, key: str) -> dict[str, str] | None:
        answer = self.client(region).get_item(TableName="tickets", Key={"id": {"S": key}}, ConsistentRead=True)
        return {name: value["S"] for name, value in answer["Item"].items()} if "Item" in answer else None

    def later(self, seconds: float) -> None:
        self.engine.clock.sleep(seconds)


@pytest.fixture
def tables() -> Iterator[ReplicatedTables]:
    with Engine(START, seed=1, realism=Realism.none()) as engine:
        replication = GlobalTables(
            engine.account,
            engine.clock.now,
            partial(engine.clock.call_later, inline=True),
            lambda region: not engine.interceptor.has_outage(region),
        )
        for region in (HERE, THERE):
            engine.client("dynamodb", region).create_table(
                TableName="tickets",
                KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
                AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
                BillingMode="PAY_PER_REQUEST",
            )
        replication.set_replica_regions("tickets", (HERE, THERE))
        yield ReplicatedTables(engine, replication)
