"""API operations on failback. EC2 origins use StopFailback, but not the operations of the failback client."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leeward.twin.aws.drs.conventions import drs_errors
from leeward.twin.aws.drs.source_servers.replication_reversal import find_reversed_server
from leeward.twin.aws.drs.state.region_state import DrsRegionState
from leeward.twin.aws.drs.state.server_replication import ReplicationMode
from leeward.twin.aws.service_framework.service_plugin import OperationResult

if TYPE_CHECKING:
    from mypy_boto3_drs.type_defs import (
        GetFailbackReplicationConfigurationRequestTypeDef,
        StartFailbackLaunchRequestTypeDef,
        StopFailbackRequestTypeDef,
        UpdateFailbackReplicationConfigurationRequestTypeDef,
    )

_REPLICATION_DEFAULTS: dict[str, object] = {"bandwidthThrottling": 0, "usePrivateIP": False, "internetProtocol": "IPV4"}


class FailbackOperations(DrsRegionState):
    """Mixin for the backend. Each method implements one operation and raises the errors in its model."""

    def get_failback_replication_configuration(
        self, params: GetFailbackReplicationConfigurationRequestTypeDef
    ) -> OperationResult:
        """Implement GetFailbackReplicationConfiguration."""
        recovered = self.get_recovery_instance(params["recoveryInstanceID"])
        return {
            **_REPLICATION_DEFAULTS,
            **recovered.failback_settings,
            "recoveryInstanceID": recovered.recovery_instance_id,
        }

    def update_failback_replication_configuration(
        self, params: UpdateFailbackReplicationConfigurationRequestTypeDef
    ) -> OperationResult:
        """Implement UpdateFailbackReplicationConfiguration. The settings are stored, but have no effect."""
        settings = {key: value for key, value in params.items() if key != "recoveryInstanceID"}
        self.get_recovery_instance(params["recoveryInstanceID"]).failback_settings.update(settings)
        return {}

    def start_failback_launch(self, params: StartFailbackLaunchRequestTypeDef) -> OperationResult:
        """Implement StartFailbackLaunch. Always rejected, because all simulated origins are EC2 instances."""
        for name in params["recoveryInstanceIDs"]:
            if name not in self.recovery_instances:
                # The model has no ResourceNotFoundException for this operation.
                raise drs_errors.conflict_error(f"Recovery instance {name} does not exist", name, "RecoveryInstance")
        first = self.recovery_instances[params["recoveryInstanceIDs"][0]]
        raise drs_errors.conflict_error(
            f"Recovery instance {first.recovery_instance_id} has no failback client: its origin is the EC2 instance "
            f"{first.origin.instance_id} in {first.origin.region}. Call ReverseReplication, then StartRecovery there",
            first.recovery_instance_id,
            "RecoveryInstance",
        )

    def stop_failback(self, params: StopFailbackRequestTypeDef) -> OperationResult:
        """Implement StopFailback, which resets the state to FAILBACK_NOT_STARTED.

        Stopping the source server in the other Region is an assumption. AWS documents only the failback client.
        """
        recovered = self.get_recovery_instance(params["recoveryInstanceID"])
        origin = recovered.origin.region
        if origin in self.shared.lost_regions:
            raise drs_errors.InternalServerException(f"Region {origin} could not be reached", retryAfterSeconds=60)
        reversed_server = find_reversed_server(self, recovered)
        if reversed_server is None:
            return {}
        if reversed_server[1].replication.mode is ReplicationMode.RUNNING:
            reversed_server[1].replication.discard_copy(ReplicationMode.STOPPED)
        recovered.reversed_server_arn = recovered.reversed_at = None
        self.emit_event("DRS Recovery Instance Failback State Change", recovered.arn, state="FAILBACK_NOT_STARTED")
        return {}
