"""The operator's switch of a Region: in or out of service, writes open or fenced. Needs no deployment or other Region.

    python -m workloads.ticketing.region_switch out  --region eu-west-1 --by jo --reason "rehearsing"   # /health: 503
    python -m workloads.ticketing.region_switch in   --region eu-west-1 --by jo
    python -m workloads.ticketing.region_switch fence|open ...  # writes return 503

The switch is the table item `#region#<Region>`, written in the Region that it applies to. The item replicates like
every item. But a Region only reads its own item, so the other Region's item can't switch it.
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
    """The positions of the switch."""

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
    """Set the switch. `client` is a client of the Region itself. The other half of the switch doesn't change."""
    name, value = _ATTRIBUTES[position]
    values = {"value": value, "reason": reason, "by": operator, "at": now.astimezone(UTC).isoformat(timespec="seconds")}
    client.update_item(
        TableName=table,
        Key={"id": {"S": build_region_key(region)}},
        UpdateExpression="SET #name = :value, #reason = :reason, #by = :by, #at = :at",
        ExpressionAttributeNames={"#name": name, "#reason": "reason", "#by": "by", "#at": "at"},
        ExpressionAttributeValues={f":{key}": {"S": text} for key, text in values.items()},
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(
        prog="python -m workloads.ticketing.region_switch", description="Set a Region's switch"
    )
    parser.add_argument("turn", type=SwitchPosition, choices=list(SwitchPosition))
    parser.add_argument("--region", required=True)
    parser.add_argument("--by", required=True, help="your name")
    parser.add_argument("--reason", default="", help="shown by /health")
    parser.add_argument("--table", default=TABLE)
    options = parser.parse_args(arguments)
    client = boto3.client("dynamodb", region_name=options.region)
    set_switch(
        client,
        options.region,
        options.turn,
        operator=options.by,
        reason=options.reason,
        now=datetime.now(UTC),
        table=options.table,
    )


if __name__ == "__main__":
    main()
