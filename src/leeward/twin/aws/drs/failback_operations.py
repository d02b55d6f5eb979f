"""Operations of the failback client, which EC2 origins have no use for, and StopFailback, which they have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leeward.twin.aws.drs import errors
from leeward.twin.aws.drs.replication import Mode
from leeward.twin.aws.drs.reversal import reversed_server
from leeward.twin.aws.drs.state import RegionState
from leeward.twin.aws.plugin import Answer

if TYPE_CHECKING:
    from mypy_boto3_drs.type_defs import (
        GetFailbackReplicationConfigurationRequestTypeDef,
        StartFailbackLaunchRequestTypeDef,
        StopFailbackRequestTypeDef,
        UpdateFailbackReplicationConfigurationRequestTypeDef,
    )

_DEFAULTS: dict[str, object] = {"bandwidthThrottling": 0, "usePrivateIP": False, "internetProtocol": "IPV4"}


class FailbackOperations(RegionState):
    """Mixed into the backend. Methods are named after the operations and raise what their models list."""

    def get_failback_replication_configuration(
        self, params: GetFailbackReplicationConfigurationRequestTypeDef
    ) -> Answer:
        """GetFailbackReplicationConfiguration."""
        recovered = self.instance(params["recoveryInstanceID"])
        return {**_DEFAULTS, **recovered.failback_settings, "recoveryInstanceID": recovered.recovery_instance_id}

    def update_failback_replication_configuration(
        self, params: UpdateFailbackReplicationConfigurationRequestTypeDef
    ) -> Answer:
        """UpdateFailbackReplicationConfiguration. It is kept and shown, and changes nothing here."""
        settings = {key: value for key, value in params.items() if key != "recoveryInstanceID"}
        self.instance(params["recoveryInstanceID"]).failback_settings.update(settings)
        return {}

    def start_failback_launch(self, params: StartFailbackLaunchRequestTypeDef) -> Answer:
        """StartFailbackLaunch: always refused, for every simulated origin is an EC2 instance."""
        for name in params["recoveryInstanceIDs"]:
            if name not in self.instances:
                # The model lists no ResourceNotFoundException for this operation.
                raise errors.conflict(f"Recovery instance {name} does not exist", name, "RecoveryInstance")
        first = self.instances[params["recoveryInstanceIDs"][0]]
        raise errors.conflict(
            f"Recovery instance {first.recovery_instance_id} has no failback client: its origin is the EC2 instance "
            f"{first.origin.instance_id} in {first.origin.region}. Call ReverseReplication, then StartRecovery there",
            first.recovery_instance_id,
            "RecoveryInstance",
        )

    def stop_failback(self, params: StopFailbackRequestTypeDef) -> Answer:
        """StopFailback: back to FAILBACK_NOT_STARTED; one that was never started stays so.

        That the source server of the other Region stops with it is an assumption: AWS describes the failback client.
        """
        recovered = self.instance(params["recoveryInstanceID"])
        there = recovered.origin.region
        if there in self.shared.lost_regions:
            raise errors.InternalServerException(f"Region {there} could not be reached", retryAfterSeconds=60)
        found = reversed_server(self, recovered)
        if found is None:
            return {}
        if found[1].replication.mode is Mode.RUNNING:
            found[1].replication.end(Mode.STOPPED)
        recovered.reversed_arn = recovered.reversed_at = None
        self.emit("DRS Recovery Instance Failback State Change", recovered.arn, state="FAILBACK_NOT_STARTED")
        return {}
