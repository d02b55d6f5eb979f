"""API operations on source servers and their snapshots, and InitializeService."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leeward.twin.aws.drs.conventions import drs_errors
from leeward.twin.aws.drs.conventions.quotas_and_timings import total_gib
from leeward.twin.aws.drs.conventions.timestamps import format_timestamp, parse_timestamp
from leeward.twin.aws.drs.ec2.ec2_instances import Ec2Instances
from leeward.twin.aws.drs.state.drs_records import SourceServer
from leeward.twin.aws.drs.state.recovery_snapshots import list_snapshots
from leeward.twin.aws.drs.state.region_state import DrsRegionState
from leeward.twin.aws.drs.state.server_replication import ReplicationMode
from leeward.twin.aws.drs.views.server_views import snapshot_view, source_server_view
from leeward.twin.aws.service_framework.pagination import paginate
from leeward.twin.aws.service_framework.service_plugin import OperationResult, ValidationException

if TYPE_CHECKING:
    from mypy_boto3_drs.type_defs import (
        DeleteSourceServerRequestTypeDef,
        DescribeRecoverySnapshotsRequestTypeDef,
        DescribeSourceServersRequestTypeDef,
        DisconnectSourceServerRequestTypeDef,
        RetryDataReplicationRequestTypeDef,
        SourceServerTypeDef,
        StartReplicationRequestTypeDef,
        StopReplicationRequestTypeDef,
    )


class SourceServerOperations(DrsRegionState):
    """Mixin for the backend. Each method implements one operation and raises the errors in its model."""

    def initialize_service(self, _params: object) -> OperationResult:
        """Implement InitializeService. Calling it again has no effect."""
        self.initialised = True
        return {}

    def describe_source_servers(self, params: DescribeSourceServersRequestTypeDef) -> OperationResult:
        """Implement DescribeSourceServers. Ignores IDs that don't exist."""
        filters = params.get("filters", {})
        ids, staging = filters.get("sourceServerIDs"), filters.get("stagingAccountIDs")
        found = [s for s in self.servers.values() if not ids or s.server_id in ids]
        if staging and self.account_id not in staging:
            found = []
        if "hardwareId" in filters:
            found = [s for s in found if s.origin.instance_id == filters["hardwareId"]]
        page, token = paginate(found, lambda s: s.server_id, params.get("nextToken"), params.get("maxResults"))
        items = [self._server_view(server) for server in page]
        return {"items": items, "nextToken": token} if token else {"items": items}

    def describe_recovery_snapshots(self, params: DescribeRecoverySnapshotsRequestTypeDef) -> OperationResult:
        """Implement DescribeRecoverySnapshots. Oldest first unless `order` is DESC."""
        server = self.servers.get(params["sourceServerID"])
        if server is None:
            raise ValidationException(f"Source server {params['sourceServerID']} does not exist")
        snapshots = list_snapshots(server.server_id, server.replication, server.policy, self.hooks.now())
        filters = params.get("filters", {})
        if "fromDateTime" in filters:
            snapshots = [s for s in snapshots if s.taken_at >= parse_timestamp(filters["fromDateTime"])]
        if "toDateTime" in filters:
            snapshots = [s for s in snapshots if s.taken_at <= parse_timestamp(filters["toDateTime"])]
        if params.get("order") == "DESC":
            snapshots.reverse()
        page, token = paginate(
            snapshots, lambda s: format_timestamp(s.taken_at), params.get("nextToken"), params.get("maxResults")
        )
        items = [snapshot_view(s, len(server.disks_gib)) for s in page]
        return {"items": items, "nextToken": token} if token else {"items": items}

    def start_replication(self, params: StartReplicationRequestTypeDef) -> OperationResult:
        """Implement StartReplication. A stopped server starts again with an initial sync."""
        server = self._require_idle_server(params["sourceServerID"])
        if server.replication.mode is not ReplicationMode.STOPPED:
            raise drs_errors.conflict_error(
                f"{server.server_id} is not stopped but {server.replication.mode}", server.server_id
            )
        self._restart_initial_sync(server)
        return {"sourceServer": self._server_view(server)}

    def stop_replication(self, params: StopReplicationRequestTypeDef) -> OperationResult:
        """Implement StopReplication, which deletes all point-in-time snapshots."""
        server = self._require_idle_server(params["sourceServerID"])
        if server.replication.mode is not ReplicationMode.RUNNING:
            raise drs_errors.conflict_error(
                f"{server.server_id} is {server.replication.mode} already", server.server_id
            )
        self._notify_copy_discarded(server, "StopReplication")
        server.replication.discard_copy(ReplicationMode.STOPPED)
        return {"sourceServer": self._server_view(server)}

    def retry_data_replication(self, params: RetryDataReplicationRequestTypeDef) -> OperationResult:
        """Implement RetryDataReplication (deprecated). The server must be stalled, stopped, or disconnected."""
        server = self.get_server(params["sourceServerID"])
        now = self.hooks.now()
        if server.replication.mode is ReplicationMode.RUNNING and not server.replication.error(now):
            raise ValidationException(f"{server.server_id} is neither stalled nor stopped nor disconnected")
        if server.replication.mode is not ReplicationMode.RUNNING:
            self._restart_initial_sync(server)
        return dict(self._server_view(server))

    def disconnect_source_server(self, params: DisconnectSourceServerRequestTypeDef) -> OperationResult:
        """Implement DisconnectSourceServer. Rejected while the server has a recovery instance."""
        server = self._require_idle_server(params["sourceServerID"])
        recovered = self.find_recovery_instance(server)
        if recovered:
            name = recovered.recovery_instance_id
            raise drs_errors.conflict_error(f"{server.server_id} has the recovery instance {name}", server.server_id)
        if server.replication.mode is ReplicationMode.DISCONNECTED:
            raise drs_errors.conflict_error(f"{server.server_id} is disconnected already", server.server_id)
        self._notify_copy_discarded(server, "DisconnectSourceServer")
        server.replication.discard_copy(ReplicationMode.DISCONNECTED)
        return dict(self._server_view(server))

    def delete_source_server(self, params: DeleteSourceServerRequestTypeDef) -> OperationResult:
        """Implement DeleteSourceServer. The server must be disconnected first."""
        server = self._require_idle_server(params["sourceServerID"])
        if server.replication.mode is not ReplicationMode.DISCONNECTED:
            raise drs_errors.conflict_error(f"{server.server_id} must be disconnected first", server.server_id)
        del self.servers[server.server_id]
        # Deleting the launch template with its server is an assumption. AWS doesn't document it.
        Ec2Instances(self.account_id, self.region_name).delete_launch_template(server.launch.ec2_launch_template_id)
        opposite = self.find_server_by_arn(server.reversed_server_arn) if server.reversed_server_arn else None
        if opposite and opposite[1].reversed_server_arn == server.arn:
            opposite[1].reversed_server_arn = None
        return {}

    def _require_idle_server(self, server_id: str) -> SourceServer:
        server = self.get_server(server_id)
        self.require_idle(server_id)
        return server

    def _notify_copy_discarded(self, server: SourceServer, operation: str) -> None:
        if server.replication.data_time(self.hooks.now()) is not None:
            for callback in self.shared.on_copy_discarded:
                callback(self.region_name, server, operation)

    def _restart_initial_sync(self, server: SourceServer) -> None:
        seconds = self.shared.timings.initial_sync_seconds(
            total_gib(server.disks_gib), server.measured_times, self.hooks
        )
        server.replication.start_sync(self.hooks.now(), seconds, initial=True)

    def _server_view(self, server: SourceServer) -> SourceServerTypeDef:
        return source_server_view(server, self.region_name, self.account_id, self.hooks.now())
