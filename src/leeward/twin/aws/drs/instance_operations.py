"""Operations on recovery instances: describe, reverse, disconnect, delete."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leeward.twin.aws.drs import errors
from leeward.twin.aws.drs.instance_views import recovery_instance
from leeward.twin.aws.drs.launching import forget
from leeward.twin.aws.drs.reversal import reverse_replication
from leeward.twin.aws.drs.state import RegionState
from leeward.twin.aws.paging import page
from leeward.twin.aws.plugin import Answer

if TYPE_CHECKING:
    from mypy_boto3_drs.type_defs import (
        DeleteRecoveryInstanceRequestTypeDef,
        DescribeRecoveryInstancesRequestTypeDef,
        DisconnectRecoveryInstanceRequestTypeDef,
        ReverseReplicationRequestTypeDef,
    )


class InstanceOperations(RegionState):
    """Mixed into the backend. Methods are named after the operations and raise what their models list."""

    def describe_recovery_instances(self, params: DescribeRecoveryInstancesRequestTypeDef) -> Answer:
        """DescribeRecoveryInstances. An id that does not exist matches nothing."""
        filters = params.get("filters", {})
        ids, servers = filters.get("recoveryInstanceIDs"), filters.get("sourceServerIDs")
        found = [
            i
            for i in self.instances.values()
            if (not ids or i.recovery_instance_id in ids) and (not servers or i.server_id in servers)
        ]
        part, token = page(found, lambda i: i.recovery_instance_id, params.get("nextToken"), params.get("maxResults"))
        items = [recovery_instance(self, record) for record in part]
        return {"items": items, "nextToken": token} if token else {"items": items}

    def reverse_replication(self, params: ReverseReplicationRequestTypeDef) -> Answer:
        """ReverseReplication."""
        recovered = self.instance(params["recoveryInstanceID"])
        return {"reversedDirectionSourceServerArn": reverse_replication(self, recovered)}

    def disconnect_recovery_instance(self, params: DisconnectRecoveryInstanceRequestTypeDef) -> Answer:
        """DisconnectRecoveryInstance: not after a reversal; then it can only be deleted."""
        recovered = self.instance(params["recoveryInstanceID"])
        name = recovered.recovery_instance_id
        self.require_idle(recovered.server_id)
        if recovered.reversed_arn:
            raise errors.conflict(f"Replication of {name} is reversed: delete it instead", name, "RecoveryInstance")
        if recovered.disconnected:
            raise errors.conflict(f"Recovery instance {name} is disconnected already", name, "RecoveryInstance")
        recovered.disconnected = True
        return {}

    def delete_recovery_instance(self, params: DeleteRecoveryInstanceRequestTypeDef) -> Answer:
        """DeleteRecoveryInstance: only the record goes, the EC2 instance stays. It must be disconnected or reversed."""
        name = params["recoveryInstanceID"]
        recovered = self.instances.get(name)
        if recovered is None:
            # The model lists no ResourceNotFoundException for this operation.
            raise errors.conflict(f"Recovery instance {name} does not exist", name, "RecoveryInstance")
        self.require_idle(recovered.server_id)
        if not recovered.disconnected and not recovered.reversed_arn:
            raise errors.conflict(f"Recovery instance {name} must be disconnected first", name, "RecoveryInstance")
        forget(self, recovered)
        return {}
