"""RDS on the twin: two operations, on virtual time.

A promotion takes some minutes. RDS shows the instance as modifying, then as rebooting, then as available (RDS User
Guide, "Promoting a read replica to be a standalone DB instance"). The times are assumptions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from leeward.api import AwsError, BackendHooks, ComponentWorld, ServiceBackend, add_service
from leeward_rds_promote.documents.replica import ReadReplicaComponent

_MODIFYING_SECONDS, _REBOOTING_SECONDS, _JITTER = 180.0, 60.0, 0.3


class DBInstanceNotFound(AwsError):
    """There is no such instance in the Region."""

    code = "DBInstanceNotFoundFault"


class InvalidDBInstanceState(AwsError):
    """The instance is not in a state that allows the operation."""

    code = "InvalidDBInstanceStateFault"


@dataclass
class DatabaseInstance:
    """A database instance. `source` is the ARN of the instance that it replicates, or None."""

    name: str
    source: str | None
    status: str = "available"


class RdsBackend(ServiceBackend):
    """The instances of one Region."""

    hooks: ClassVar[BackendHooks]

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.instances: dict[str, DatabaseInstance] = {}

    def describe_db_instances(self, params: Mapping[str, Any]) -> Mapping[str, object]:
        """Return one instance, or all."""
        name = params.get("DBInstanceIdentifier")
        found = [self._find(name)] if name else list(self.instances.values())
        return {"DBInstances": [self._describe(instance) for instance in found]}

    def promote_read_replica(self, params: Mapping[str, Any]) -> Mapping[str, object]:
        """Start the promotion of a replica that is available."""
        instance = self._find(params["DBInstanceIdentifier"])
        if instance.source is None or instance.status != "available":
            raise InvalidDBInstanceState(f"{instance.name} is not a read replica that is available")
        instance.status = "modifying"
        hooks = self.hooks
        hooks.call_later(hooks.add_jitter(_MODIFYING_SECONDS, _JITTER), lambda: self._reboot(instance), "rds promotes")
        return {"DBInstance": self._describe(instance)}

    def _reboot(self, instance: DatabaseInstance) -> None:
        instance.source, instance.status = None, "rebooting"
        seconds = self.hooks.add_jitter(_REBOOTING_SECONDS, _JITTER)
        self.hooks.call_later(seconds, lambda: self._start(instance), "rds starts")

    def _start(self, instance: DatabaseInstance) -> None:
        instance.status = "available"

    def _find(self, name: str) -> DatabaseInstance:
        if name not in self.instances:
            raise DBInstanceNotFound(f"DBInstance {name} not found.")
        return self.instances[name]

    def _describe(self, instance: DatabaseInstance) -> dict[str, object]:
        arn = f"arn:aws:rds:{self.region_name}:{self.account_id}:db:{instance.name}"
        described: dict[str, object] = {
            "DBInstanceIdentifier": instance.name,
            "DBInstanceArn": arn,
            "DBInstanceStatus": instance.status,
        }
        if instance.source is not None:
            described["ReadReplicaSourceDBInstanceIdentifier"] = instance.source
            described["StatusInfos"] = [
                {"StatusType": "read replication", "Normal": True, "Status": "replicating"},
            ]
        return described


RDS = add_service("rds", RdsBackend)


def install(world: ComponentWorld) -> None:
    """Connect the service to the world's clock and random numbers."""
    RdsBackend.hooks = world.hooks


def create_instances(world: ComponentWorld, _name: str, component: ReadReplicaComponent) -> None:
    """Create the component's instance in the origin Region, and its replica in the target Region."""
    account, source = world.application.account, component.instances[world.origin]
    replica = component.instances[world.target]
    RDS.region(account, world.origin).instances[source] = DatabaseInstance(source, None)
    source_arn = f"arn:aws:rds:{world.origin}:{account}:db:{source}"
    RDS.region(account, world.target).instances[replica] = DatabaseInstance(replica, source_arn)
