"""The operator's switch of a Region: in or out of service, writes open or fenced. No deployment, no other Region.

    python -m workloads.ticketing.region_switch out  --region eu-west-1 --by jo --reason "rehearsing"   # /health: 503
    python -m workloads.ticketing.region_switch in   --region eu-west-1 --by jo
    python -m workloads.ticketing.region_switch fence|open ...  # writes answer 503

It is one item of the table, `#region#<Region>`, written in the Region that it is about. The item replicates, as every
item does, but a Region reads its own alone, so no Region can be switched by the other's item.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING

import boto3

from workloads.ticketing.api.service.table_items import build_region_key
from workloads.ticketing.table_schema import TABLE

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class SwitchPosition(StrEnum):
    """What can be said of a Region."""

    OUT = "out"
    IN = "in"
    FENCE = "fence"
    OPEN = "open"


_ATTRIBUTES = {
    SwitchPosition.OUT: ("health", "out-of-service"),
    SwitchPosition.IN: ("health", "in-service"),
    SwitchPosition.FENCE: ("writes", "fenced"),
    SwitchPosition.OPEN: ("writes", "open"),
}


def set_switch(
    client: DynamoDBClient,
    region: str,
    position: SwitchPosition,
    *,
    operator: str,
    reason: str,
    now: datetime,
    table: str = TABLE,
) -> None:
    """Say it. `client` is one of the Region itself; the other half of the switch stays as it is."""
    name, value = _ATTRIBUTES[position]
    said = {"said": value, "reason": reason, "by": operator, "at": now.astimezone(UTC).isoformat(timespec="seconds")}
    client.update_item(
        TableName=table,
        Key={"id": {"S": build_region_key(region)}},
        UpdateExpression="SET #said = :said, #reason = :reason, #by = :by, #at = :at",
        ExpressionAttributeNames={"#said": name, "#reason": "reason", "#by": "by", "#at": "at"},
        ExpressionAttributeValues={f":{key}": {"S": text} for key, text in said.items()},
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """The command."""
    parser = argparse.ArgumentParser(
        prog="python -m workloads.ticketing.region_switch", description="A Region's switch"
    )
    parser.add_argument("turn", type=SwitchPosition, choices=list(SwitchPosition))
    parser.add_argument("--region", required=True)
    parser.add_argument("--by", required=True, help="who you are")
    parser.add_argument("--reason", default="", help="shown by /health")
    parser.add_argument("--table", default=TABLE)
    given = parser.parse_args(arguments)
    client = boto3.client("dynamodb", region_name=given.region)
    set_switch(
        client,
        given.region,
        given.turn,
        operator=given.by,
        reason=given.reason,
        now=datetime.now(UTC),
        table=given.table,
    )


if __name__ == "__main__":
    main()
