"""What a failover needs of the target's replica."""

from __future__ import annotations

import pytest

from leeward.common.errors import NotFound
from leeward.data.application_table import ApplicationTable
from leeward.data.replica_status import inspect_replica
from tests.data.conftest import HERE, TABLE, THERE, ReplicatedTables


def test_healthy_replica_passes(tables: ReplicatedTables) -> None:
    tables.client(THERE).update_continuous_backups(
        TableName="tickets", PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
    )
    seen = inspect_replica(tables.client(THERE), TABLE, THERE, HERE, backups=True)
    assert seen.problems == ()
    assert "its replica in eu-west-1 is ACTIVE" in seen.text


def test_all_replica_problems_are_reported_together(tables: ReplicatedTables) -> None:
    tables.client(THERE).create_table(
        TableName="alone",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    seen = inspect_replica(
        tables.client(THERE), ApplicationTable(name="alone", partition="id"), THERE, HERE, backups=True
    )
    assert len(seen.problems) == 3
    for word in ("no stream", "has no replica in eu-west-1", "no continuous backups"):
        assert word in seen.text


def test_missing_table_is_reported(tables: ReplicatedTables) -> None:
    with pytest.raises(NotFound, match="DescribeTable"):
        inspect_replica(tables.client(THERE), ApplicationTable(name="gone", partition="id"), THERE, HERE, backups=False)
