"""What DescribeTable says of replicas, and what UpdateTable does with them (`ReplicaUpdates`)."""

from __future__ import annotations

import copy
from typing import Any, Protocol

from moto.dynamodb.exceptions import MockValidationException
from moto.dynamodb.models import DynamoDBBackend, dynamodb_backends
from moto.dynamodb.models.table import Table
from moto.dynamodb.responses import DynamoHandler

GLOBAL_TABLE_VERSION = "2019.11.21"


class ReplicaRegistry(Protocol):
    """What is asked of the replication."""

    def replicas(self, table: str) -> tuple[str, ...]:
        """The Regions that hold the table."""
        ...

    def set_replica_regions(self, table: str, regions: tuple[str, ...]) -> None:
        """The table is in these Regions from now on."""
        ...

    def remove_replica(self, table: str, region: str) -> None:
        """The replica in this Region goes."""
        ...


_registry: ReplicaRegistry | None = None
_installed = False


def set_registry(registry: ReplicaRegistry | None) -> None:
    """Whose tables are described; None when the world ends."""
    global _registry, _installed  # noqa: PLW0603 - moto's tables know no world
    _registry = registry
    if not _installed:
        _installed = True
        _install()


def _install() -> None:
    describe, update = Table.describe, DynamoHandler.update_table

    def described(self: Any, base_key: str = "TableDescription") -> dict[str, Any]:
        told: dict[str, Any] = describe(self, base_key)
        regions = _registry.replicas(self.name) if _registry is not None else ()
        if self.region_name in regions:
            told[base_key]["GlobalTableVersion"] = GLOBAL_TABLE_VERSION
            told[base_key]["Replicas"] = [
                {"RegionName": region, "ReplicaStatus": "ACTIVE"} for region in regions if region != self.region_name
            ]
        return told

    def update_table(self: Any) -> Any:
        wanted = self.body.get("ReplicaUpdates") or []
        if wanted and _registry is not None:
            _apply_replica_updates(self.dynamodb_backend, self.body["TableName"], wanted, _registry)
        return update(self)

    Table.describe = described
    DynamoHandler.update_table = update_table


def _apply_replica_updates(
    backend: DynamoDBBackend, name: str, wanted: list[dict[str, Any]], replicas: ReplicaRegistry
) -> None:
    for change in wanted:
        if "Create" in change:
            _create_replica(backend, name, change["Create"]["RegionName"], replicas)
        elif "Delete" in change:
            region = change["Delete"]["RegionName"]
            if region not in replicas.replicas(name):
                raise MockValidationException(f"Replica not found: {region}")
            replicas.remove_replica(name, region)
            dynamodb_backends[backend.account_id][region].delete_table(name)


def _create_replica(backend: DynamoDBBackend, name: str, region: str, replicas: ReplicaRegistry) -> None:
    table = backend.get_table(name)
    regions = replicas.replicas(name) or (backend.region_name,)
    if region in regions:
        raise MockValidationException(f"Replica already exists: {region}")
    if table.stream_shard is None:
        # AWS's own words: a stream with both images is what replication reads.
        raise MockValidationException("Table must have DynamoDB Streams enabled with New and Old Images")
    other = dynamodb_backends[backend.account_id][region]
    made = copy.copy(table)
    made.region_name, made.table_arn = region, table._generate_arn(name).replace(backend.region_name, region)
    made.items = copy.deepcopy(table.items)
    made.stream_specification = None
    made.set_stream_specification({"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"})
    other.tables[name] = made
    replicas.set_replica_regions(name, (*regions, region))
