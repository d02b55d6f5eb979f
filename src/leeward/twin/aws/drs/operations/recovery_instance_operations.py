"""API operations on recovery instances: describe, reverse replication, disconnect, and delete."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leeward.twin.aws.drs.conventions import drs_errors
from leeward.twin.aws.drs.ec2.instance_launch import delete_recovery_record
from leeward.twin.aws.drs.source_servers.replication_reversal import reverse_replication
from leeward.twin.aws.drs.state.region_state import DrsRegionState
from leeward.twin.aws.drs.views.instance_views import recovery_instance_view
from leeward.twin.aws.service_framework.pagination import paginate
from leeward.twin.aws.service_framework.service_plugin import OperationResult

if TYPE_CHECKING:
    from mypy_boto3_drs.type_defs import (
        DeleteRecoveryInstanceRequestTypeDef,
        DescribeRecoveryInstancesRequestTypeDef,
        DisconnectRecoveryInstanceRequestTypeDef,
        ReverseReplicationRequestTypeDef,
    )


class RecoveryInstanceOperations(DrsRegionState):
    """Mixin for the backend. Each method implements one operation and raises the errors in its model."""

    def describe_recovery_instances(self, params: DescribeRecoveryInstancesRequestTypeDef) -> OperationResult:
        """Implement DescribeRecoveryInstances. Ignores IDs that don't exist."""
        filters = params.get("filters", {})
        ids, servers = filters.get("recoveryInstanceIDs"), filters.get("sourceServerIDs")
        found = [
            i
            for i in self.recovery_instances.values()
            if (not ids or i.recovery_instance_id in ids) and (not servers or i.server_id in servers)
        ]
        page, token = paginate(
            found, lambda i: i.recovery_instance_id, params.get("nextToken"), params.get("maxResults")
        )
        items = [recovery_instance_view(self, record) for record in page]
        return {"items": items, "nextToken": token} if token else {"items": items}

    def reverse_replication(self, params: ReverseReplicationRequestTypeDef) -> OperationResult:
        """Implement ReverseReplication."""
        recovered = self.get_recovery_instance(params["recoveryInstanceID"])
        return {"reversedDirectionSourceServerArn": reverse_replication(self, recovered)}

    def disconnect_recovery_instance(self, params: DisconnectRecoveryInstanceRequestTypeDef) -> OperationResult:
        """Implement DisconnectRecoveryInstance. After a reversal, the instance can only be deleted."""
        recovered = self.get_recovery_instance(params["recoveryInstanceID"])
        name = recovered.recovery_instance_id
        self.require_idle(recovered.server_id)
        if recovered.reversed_server_arn:
            raise drs_errors.conflict_error(
                f"Replication of {name} is reversed: delete it instead", name, "RecoveryInstance"
            )
        if recovered.is_disconnected:
            raise drs_errors.conflict_error(
                f"Recovery instance {name} is disconnected already", name, "RecoveryInstance"
            )
        recovered.is_disconnected = True
        return {}

    def delete_recovery_instance(self, params: DeleteRecoveryInstanceRequestTypeDef) -> OperationResult:
        """Implement DeleteRecoveryInstance, which deletes the record but not the EC2 instance.

        The instance must be disconnected, or its replication reversed.
        """
        name = params["recoveryInstanceID"]
        recovered = self.recovery_instances.get(name)
        if recovered is None:
            # The model has no ResourceNotFoundException for this operation.
            raise drs_errors.conflict_error(f"Recovery instance {name} does not exist", name, "RecoveryInstance")
        self.require_idle(recovered.server_id)
        if not recovered.is_disconnected and not recovered.reversed_server_arn:
            raise drs_errors.conflict_error(
                f"Recovery instance {name} must be disconnected first", name, "RecoveryInstance"
            )
        delete_recovery_record(self, recovered)
        return {}
