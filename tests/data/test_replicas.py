"""What a failover needs of the target's replica."""

from __future__ import annotations

import pytest

from leeward.common.errors import NotFound
from leeward.data.application_table import ApplicationTable
from leeward.data.replica_status import inspect_replica
from tests.data.conftest import HERE, TABLE, THERE, Tables


def test_a_replica_that_can_take_over(tables: Tables) -> None:
    tables.client(THERE).update_continuous_backups(
        TableName="tickets", PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
    )
    seen = inspect_replica(tables.client(THERE), TABLE, THERE, HERE, backups=True)
    assert seen.problems == ()
    assert "its replica in eu-west-1 ACTIVE" in seen.text


def test_everything_that_is_wrong_is_told_at_once(tables: Tables) -> None:
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
    for word in ("no stream", "knows no replica in eu-west-1", "no continuous backups"):
        assert word in seen.text


def test_a_table_that_is_not_there(tables: Tables) -> None:
    with pytest.raises(NotFound, match="DescribeTable"):
        inspect_replica(tables.client(THERE), ApplicationTable(name="gone", partition="id"), THERE, HERE, backups=False)
