"""API operations on a source server's launch configuration and replication configuration."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leeward.twin.aws.drs.state.drs_records import SourceServer
from leeward.twin.aws.drs.state.recovery_snapshots import SnapshotRule
from leeward.twin.aws.drs.state.region_state import DrsRegionState
from leeward.twin.aws.drs.views.server_views import device_name
from leeward.twin.aws.service_framework.service_plugin import OperationResult, ValidationException

if TYPE_CHECKING:
    from mypy_boto3_drs.type_defs import (
        GetLaunchConfigurationRequestTypeDef,
        GetReplicationConfigurationRequestTypeDef,
        UpdateLaunchConfigurationRequestTypeDef,
        UpdateReplicationConfigurationRequestTypeDef,
    )

# The simulator stores and returns these replication options, but they have no effect.
_REPLICATION_DEFAULTS: dict[str, object] = {
    "associateDefaultSecurityGroup": True,
    "replicationServersSecurityGroupsIDs": [],
    "replicationServerInstanceType": "t3.small",
    "useDedicatedReplicationServer": False,
    "defaultLargeStagingDiskType": "AUTO",
    "ebsEncryption": "DEFAULT",
    "bandwidthThrottling": 0,
    "dataPlaneRouting": "PRIVATE_IP",
    "createPublicIP": False,
    "stagingAreaTags": {},
    "autoReplicateNewDisks": False,
    "internetProtocol": "IPV4",
}


class ConfigurationOperations(DrsRegionState):
    """Mixin for the backend. Each method implements one operation and raises the errors in its model."""

    def get_launch_configuration(self, params: GetLaunchConfigurationRequestTypeDef) -> OperationResult:
        """Implement GetLaunchConfiguration."""
        return _launch_view(self.get_server(params["sourceServerID"]))

    def update_launch_configuration(self, params: UpdateLaunchConfigurationRequestTypeDef) -> OperationResult:
        """Implement UpdateLaunchConfiguration. Omitted members don't change. Rejected while a job uses the server."""
        server = self.get_server(params["sourceServerID"])
        self.require_idle(server.server_id)
        launch = server.launch
        into = params.get("launchIntoInstanceProperties")
        if into is not None:
            launch.launch_into_instance_id = into.get("launchIntoEC2InstanceID") or None
        if launch.launch_into_instance_id and (params.get("copyPrivateIp") or params.get("copyTags")):
            # DRS user guide: both must be off when you launch into an existing instance.
            raise ValidationException("copyPrivateIp and copyTags must be false to launch into an instance")
        launch.name = params.get("name", launch.name)
        launch.disposition = params.get("launchDisposition", launch.disposition)
        launch.right_sizing = params.get("targetInstanceTypeRightSizingMethod", launch.right_sizing)
        launch.copy_private_ip = params.get("copyPrivateIp", launch.copy_private_ip)
        launch.copy_tags = params.get("copyTags", launch.copy_tags)
        launch.post_launch_enabled = params.get("postLaunchEnabled", launch.post_launch_enabled)
        launch.recovery_mode = params.get("recoveryMode", launch.recovery_mode)
        launch.os_byol = params.get("licensing", {}).get("osByol", launch.os_byol)
        return _launch_view(server)

    def get_replication_configuration(self, params: GetReplicationConfigurationRequestTypeDef) -> OperationResult:
        """Implement GetReplicationConfiguration."""
        return _replication_view(self.get_server(params["sourceServerID"]))

    def update_replication_configuration(self, params: UpdateReplicationConfigurationRequestTypeDef) -> OperationResult:
        """Implement UpdateReplicationConfiguration. `pitPolicy` then determines which snapshots are kept."""
        server = self.get_server(params["sourceServerID"])
        policy = params.get("pitPolicy")
        if policy is not None:
            server.policy = tuple(
                SnapshotRule(
                    r.get("ruleID", i), r["units"], r["interval"], r["retentionDuration"], r.get("enabled", True)
                )
                for i, r in enumerate(policy, 1)
            )
        settings = {k: v for k, v in params.items() if k not in ("sourceServerID", "pitPolicy")}
        server.replication_settings.update(settings)
        return _replication_view(server)


def _launch_view(server: SourceServer) -> OperationResult:
    launch = server.launch
    view: dict[str, object] = {
        "sourceServerID": server.server_id,
        "name": launch.name,
        "ec2LaunchTemplateID": launch.ec2_launch_template_id,
        "launchDisposition": launch.disposition,
        "targetInstanceTypeRightSizingMethod": launch.right_sizing,
        "copyPrivateIp": launch.copy_private_ip,
        "copyTags": launch.copy_tags,
        "licensing": {"osByol": launch.os_byol},
        "postLaunchEnabled": launch.post_launch_enabled,
        "recoveryMode": launch.recovery_mode,
    }
    if launch.launch_into_instance_id:
        view["launchIntoInstanceProperties"] = {"launchIntoEC2InstanceID": launch.launch_into_instance_id}
    return view


def _replication_view(server: SourceServer) -> OperationResult:
    disks = [
        {
            "deviceName": device_name(i),
            "isBootDisk": i == 0,
            "stagingDiskType": "AUTO",
            "optimizedStagingDiskType": "GP3",
        }
        for i in range(len(server.disks_gib))
    ]
    policy = [
        {
            "ruleID": r.rule_id,
            "units": r.units,
            "interval": r.interval,
            "retentionDuration": r.retention,
            "enabled": r.enabled,
        }
        for r in server.policy
    ]
    defaults = {**_REPLICATION_DEFAULTS, "name": server.name, "replicatedDisks": disks}
    return {
        **defaults,
        **server.replication_settings,
        "sourceServerID": server.server_id,
        "pitPolicy": policy,
    }
