"""Operations of the failback client, which EC2 origins have no use for, and StopFailback, which they have."""

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
    """Mixed into the backend. Methods are named after the operations and raise what their models list."""

    def get_failback_replication_configuration(
        self, params: GetFailbackReplicationConfigurationRequestTypeDef
    ) -> OperationResult:
        """GetFailbackReplicationConfiguration."""
        recovered = self.get_recovery_instance(params["recoveryInstanceID"])
        return {
            **_REPLICATION_DEFAULTS,
            **recovered.failback_settings,
            "recoveryInstanceID": recovered.recovery_instance_id,
        }

    def update_failback_replication_configuration(
        self, params: UpdateFailbackReplicationConfigurationRequestTypeDef
    ) -> OperationResult:
        """UpdateFailbackReplicationConfiguration. It is kept and shown, and changes nothing here."""
        settings = {key: value for key, value in params.items() if key != "recoveryInstanceID"}
        self.get_recovery_instance(params["recoveryInstanceID"]).failback_settings.update(settings)
        return {}

    def start_failback_launch(self, params: StartFailbackLaunchRequestTypeDef) -> OperationResult:
        """StartFailbackLaunch: always refused, for every simulated origin is an EC2 instance."""
        for name in params["recoveryInstanceIDs"]:
            if name not in self.recovery_instances:
                # The model lists no ResourceNotFoundException for this operation.
                raise drs_errors.conflict_error(f"Recovery instance {name} does not exist", name, "RecoveryInstance")
        first = self.recovery_instances[params["recoveryInstanceIDs"][0]]
        raise drs_errors.conflict_error(
            f"Recovery instance {first.recovery_instance_id} has no failback client: its origin is the EC2 instance "
            f"{first.origin.instance_id} in {first.origin.region}. Call ReverseReplication, then StartRecovery there",
            first.recovery_instance_id,
            "RecoveryInstance",
        )

    def stop_failback(self, params: StopFailbackRequestTypeDef) -> OperationResult:
        """StopFailback: back to FAILBACK_NOT_STARTED; one that was never started stays so.

        That the source server of the other Region stops with it is an assumption: AWS describes the failback client.
        """
        recovered = self.get_recovery_instance(params["recoveryInstanceID"])
        there = recovered.origin.region
        if there in self.shared.lost_regions:
            raise drs_errors.InternalServerException(f"Region {there} could not be reached", retryAfterSeconds=60)
        found = find_reversed_server(self, recovered)
        if found is None:
            return {}
        if found[1].replication.mode is ReplicationMode.RUNNING:
            found[1].replication.discard_copy(ReplicationMode.STOPPED)
        recovered.reversed_server_arn = recovered.reversed_at = None
        self.emit_event("DRS Recovery Instance Failback State Change", recovered.arn, state="FAILBACK_NOT_STARTED")
        return {}
