"""Operations on source servers: describe, start, stop, retry, disconnect, delete, snapshots, the service itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leeward.twin.aws.drs import errors
from leeward.twin.aws.drs.ec2 import Ec2
from leeward.twin.aws.drs.limits import total_gib
from leeward.twin.aws.drs.model import SourceServer
from leeward.twin.aws.drs.replication import Mode
from leeward.twin.aws.drs.snapshots import snapshots
from leeward.twin.aws.drs.state import RegionState
from leeward.twin.aws.drs.times import iso, parse
from leeward.twin.aws.drs.views import snapshot, source_server
from leeward.twin.aws.paging import page
from leeward.twin.aws.plugin import Answer, ValidationException

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


class ServerOperations(RegionState):
    """Mixed into the backend. Methods are named after the operations and raise what their models list."""

    def initialize_service(self, _params: object) -> Answer:
        """InitializeService. Calling it again changes nothing."""
        self.initialised = True
        return {}

    def describe_source_servers(self, params: DescribeSourceServersRequestTypeDef) -> Answer:
        """DescribeSourceServers. An id that does not exist matches nothing."""
        filters = params.get("filters", {})
        ids, staging = filters.get("sourceServerIDs"), filters.get("stagingAccountIDs")
        found = [s for s in self.servers.values() if not ids or s.server_id in ids]
        if staging and self.account_id not in staging:
            found = []
        if "hardwareId" in filters:
            found = [s for s in found if s.origin.instance_id == filters["hardwareId"]]
        part, token = page(found, lambda s: s.server_id, params.get("nextToken"), params.get("maxResults"))
        items = [self._shown(server) for server in part]
        return {"items": items, "nextToken": token} if token else {"items": items}

    def describe_recovery_snapshots(self, params: DescribeRecoverySnapshotsRequestTypeDef) -> Answer:
        """DescribeRecoverySnapshots. Oldest first unless `order` is DESC."""
        server = self.servers.get(params["sourceServerID"])
        if server is None:
            raise ValidationException(f"Source server {params['sourceServerID']} does not exist")
        taken = snapshots(server.server_id, server.replication, server.policy, self.seam.now())
        filters = params.get("filters", {})
        if "fromDateTime" in filters:
            taken = [s for s in taken if s.expected >= parse(filters["fromDateTime"])]
        if "toDateTime" in filters:
            taken = [s for s in taken if s.expected <= parse(filters["toDateTime"])]
        if params.get("order") == "DESC":
            taken.reverse()
        part, token = page(taken, lambda s: iso(s.expected), params.get("nextToken"), params.get("maxResults"))
        items = [snapshot(s, len(server.disks_gib)) for s in part]
        return {"items": items, "nextToken": token} if token else {"items": items}

    def start_replication(self, params: StartReplicationRequestTypeDef) -> Answer:
        """StartReplication: a stopped server is copied anew, from the start."""
        server = self._idle(params["sourceServerID"])
        if server.replication.mode is not Mode.STOPPED:
            raise errors.conflict(f"{server.server_id} is not stopped but {server.replication.mode}", server.server_id)
        self._copy_anew(server)
        return {"sourceServer": self._shown(server)}

    def stop_replication(self, params: StopReplicationRequestTypeDef) -> Answer:
        """StopReplication: every point-in-time snapshot is deleted."""
        server = self._idle(params["sourceServerID"])
        if server.replication.mode is not Mode.RUNNING:
            raise errors.conflict(f"{server.server_id} is {server.replication.mode} already", server.server_id)
        self._copy_ends(server, "StopReplication")
        server.replication.end(Mode.STOPPED)
        return {"sourceServer": self._shown(server)}

    def retry_data_replication(self, params: RetryDataReplicationRequestTypeDef) -> Answer:
        """RetryDataReplication (deprecated): only for a server that is stalled, stopped or disconnected."""
        server = self.server(params["sourceServerID"])
        now = self.seam.now()
        if server.replication.mode is Mode.RUNNING and not server.replication.error(now):
            raise ValidationException(f"{server.server_id} is neither stalled nor stopped nor disconnected")
        if server.replication.mode is not Mode.RUNNING:
            self._copy_anew(server)
        return dict(self._shown(server))

    def disconnect_source_server(self, params: DisconnectSourceServerRequestTypeDef) -> Answer:
        """DisconnectSourceServer: refused while the server has a recovery instance."""
        server = self._idle(params["sourceServerID"])
        recovered = self.instance_of(server)
        if recovered:
            name = recovered.recovery_instance_id
            raise errors.conflict(f"{server.server_id} has the recovery instance {name}", server.server_id)
        if server.replication.mode is Mode.DISCONNECTED:
            raise errors.conflict(f"{server.server_id} is disconnected already", server.server_id)
        self._copy_ends(server, "DisconnectSourceServer")
        server.replication.end(Mode.DISCONNECTED)
        return dict(self._shown(server))

    def delete_source_server(self, params: DeleteSourceServerRequestTypeDef) -> Answer:
        """DeleteSourceServer: it must be disconnected first."""
        server = self._idle(params["sourceServerID"])
        if server.replication.mode is not Mode.DISCONNECTED:
            raise errors.conflict(f"{server.server_id} must be disconnected first", server.server_id)
        del self.servers[server.server_id]
        # AWS does not document it; that the template goes with the server that it was made for is an assumption.
        Ec2(self.account_id, self.region_name).delete_launch_template(server.launch.ec2_launch_template_id)
        opposite = self.by_arn(server.reversed_arn) if server.reversed_arn else None
        if opposite and opposite[1].reversed_arn == server.arn:
            opposite[1].reversed_arn = None
        return {}

    def _idle(self, server_id: str) -> SourceServer:
        server = self.server(server_id)
        self.require_idle(server_id)
        return server

    def _copy_ends(self, server: SourceServer, operation: str) -> None:
        if server.replication.data_time(self.seam.now()) is not None:
            for told in self.shared.on_copy_ends:
                told(self.region_name, server, operation)

    def _copy_anew(self, server: SourceServer) -> None:
        seconds = self.shared.timings.initial_sync_seconds(total_gib(server.disks_gib), self.seam)
        server.replication.begin(self.seam.now(), seconds, initial=True)

    def _shown(self, server: SourceServer) -> SourceServerTypeDef:
        return source_server(server, self.region_name, self.account_id, self.seam.now())
