"""Global table replicas in DynamoDB DescribeTable and UpdateTable (`ReplicaUpdates`)."""

from __future__ import annotations

import copy
from typing import Any, Protocol

from moto.dynamodb.exceptions import MockValidationException
from moto.dynamodb.models import DynamoDBBackend, dynamodb_backends
from moto.dynamodb.models.table import Table
from moto.dynamodb.responses import DynamoHandler

from leeward.twin.patching.attribute_replacement import replace_attribute

GLOBAL_TABLE_VERSION = "2019.11.21"


class ReplicaRegistry(Protocol):
    """The replica Regions of each table."""

    def replicas(self, table: str) -> tuple[str, ...]:
        """Return the Regions that have a replica of the table."""
        ...

    def set_replica_regions(self, table: str, regions: tuple[str, ...]) -> None:
        """Make the table a global table with a replica in each of these Regions."""
        ...

    def remove_replica(self, table: str, region: str) -> None:
        """Remove this Region from the table's replica Regions."""
        ...


_registry: ReplicaRegistry | None = None


def set_registry(registry: ReplicaRegistry | None) -> None:
    """Set the registry that DescribeTable and UpdateTable use. None removes it."""
    global _registry  # noqa: PLW0603 - moto's tables have no reference to a simulation
    _registry = registry


def describe_replicas() -> None:
    """Describe, add, and remove replicas of the current version of global tables, which moto lacks."""

    def describe_with_replicas(self: Any, base_key: str = "TableDescription") -> dict[str, Any]:
        description: dict[str, Any] = describe(self, base_key)
        regions = _registry.replicas(self.name) if _registry is not None else ()
        if self.region_name in regions:
            description[base_key]["GlobalTableVersion"] = GLOBAL_TABLE_VERSION
            description[base_key]["Replicas"] = [
                {"RegionName": region, "ReplicaStatus": "ACTIVE"} for region in regions if region != self.region_name
            ]
        return description

    def update_table(self: Any) -> Any:
        updates = self.body.get("ReplicaUpdates") or []
        if updates and _registry is not None:
            _apply_replica_updates(self.dynamodb_backend, self.body["TableName"], updates, _registry)
        return update(self)

    describe = replace_attribute(Table, "describe", describe_with_replicas)
    update = replace_attribute(DynamoHandler, "update_table", update_table)


def _apply_replica_updates(
    backend: DynamoDBBackend, name: str, updates: list[dict[str, Any]], replicas: ReplicaRegistry
) -> None:
    for change in updates:
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
        # This is the message of AWS: replication reads a stream with both images.
        raise MockValidationException("Table must have DynamoDB Streams enabled with New and Old Images")
    target_backend = dynamodb_backends[backend.account_id][region]
    replica = copy.copy(table)
    replica.region_name, replica.table_arn = region, table._generate_arn(name).replace(backend.region_name, region)
    replica.items = copy.deepcopy(table.items)
    replica.stream_specification = None
    replica.set_stream_specification({"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"})
    target_backend.tables[name] = replica
    replicas.set_replica_regions(name, (*regions, region))
