"""Where a change of each kind of resource shows in the state of the twin."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase

from leeward.kinds.descriptors.resources import ChangedResource
from leeward.rehearsal.end_state.comparison import StateDifference


@dataclass(frozen=True, slots=True)
class StateChange:
    """A change that is declared.

    `service`, `kind`, `id`, and `fields` are patterns. Without `fields`, a resource may be created or deleted, but
    nothing of an existing one may change.
    """

    service: str
    kind: str
    id: str = "*"
    fields: tuple[str, ...] = ()

    def covers(self, difference: StateDifference) -> bool:
        """Return whether the difference is this change."""
        key = difference.key
        if key.service != self.service or not (fnmatchcase(key.kind, self.kind) and fnmatchcase(key.id, self.id)):
            return False
        if not self.fields:
            return not difference.field
        return bool(difference.field) and any(fnmatchcase(difference.field, pattern) for pattern in self.fields)


# Each kind of resource that belongs to a new or terminated instance.
_INSTANCES = tuple(StateChange("ec2", kind) for kind in ("instances", "tags", "volumes", "enis"))
_LAST_LAUNCH = ("last_launch", "last_launch/*", "recovery_instance_id")
# What DRS changes when a server replicates from another instance. Tags, the launch configuration, and the replication
# settings aren't part of it.
_REPLICATION = ("origin/*", "replicated_disks", "replication/*", "direction", "reversed_server_arn", "added_at")
# DynamoDB items have an attribute for each field, below `attrs`.
_SWITCH_FIELDS = tuple(f"attrs/{name}/*" for name in ("health", "writes", "by", "at"))

CHANGES_BY_RESOURCE: Mapping[ChangedResource, tuple[StateChange, ...]] = {
    ChangedResource.INSTANCES: (*_INSTANCES, StateChange("drs", "own_shared.disks")),
    ChangedResource.TERMINATION_PROTECTION: (StateChange("ec2", "instances", fields=("disable_api_termination",)),),
    ChangedResource.LAUNCH_SETTINGS: (
        StateChange("ec2", "launch_templates"),
        StateChange("drs", "servers", fields=("launch/launch_into_instance_id",)),
    ),
    ChangedResource.RECOVERY_INSTANCES: (
        StateChange("drs", "recovery_instances"),
        StateChange("drs", "recovery_instances", fields=("reversed_*", "is_disconnected")),
        StateChange("drs", "servers", fields=_LAST_LAUNCH),
    ),
    ChangedResource.SOURCE_SERVERS: (
        StateChange("drs", "servers"),
        StateChange("drs", "servers", fields=_REPLICATION),
        StateChange("drs", "recovery_instances", fields=("reversed_*", "is_disconnected")),
    ),
    ChangedResource.TARGETS: (
        StateChange("elbv2", "target_groups", fields=("targets/*",)),
        StateChange("elbv2", "twin_target_health._groups"),
        StateChange("elbv2", "twin_target_health._groups", fields=("targets/*",)),
    ),
    ChangedResource.ROUTING_CONTROLS: (
        StateChange("route53-recovery-control-config", "own_state.controls", fields=("state", "since", "changed_at")),
    ),
    ChangedResource.DNS_WEIGHTS: (StateChange("route53", "records", fields=("weight",)),),
    ChangedResource.REGION_SWITCH: (
        StateChange("dynamodb", "rows", id="*/#region#*"),
        StateChange("dynamodb", "rows", id="*/#region#*", fields=_SWITCH_FIELDS),
    ),
    ChangedResource.APPLICATION_DATA: (StateChange("dynamodb", "rows", id="*/<new id>*"),),
}
