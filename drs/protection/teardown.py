"""Tear down source servers: stop replication, disconnect, delete. DRS requires this order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from leeward.common.aws.clients import translate_errors
from leeward.drs.api.models import SourceServer
from leeward.drs.api.states import ReplicationState

if TYPE_CHECKING:
    from mypy_boto3_drs import DrsClient


def stop_replication(client: DrsClient, servers: Sequence[SourceServer]) -> None:
    """Stop the servers that replicate. This deletes their recovery points."""
    for server in servers:
        if server.replication.state.is_replicating:
            with translate_errors("drs:StopReplication"):
                client.stop_replication(sourceServerID=server.id)


def disconnect_servers(client: DrsClient, servers: Sequence[SourceServer]) -> None:
    """Disconnect the servers that are stopped. DRS refuses a server that has a recovery instance."""
    for server in servers:
        if server.replication.state is ReplicationState.STOPPED:
            with translate_errors("drs:DisconnectSourceServer"):
                client.disconnect_source_server(sourceServerID=server.id)


def delete_servers(client: DrsClient, servers: Sequence[SourceServer]) -> None:
    """Delete the servers that are disconnected."""
    for server in servers:
        if server.replication.state is ReplicationState.DISCONNECTED:
            with translate_errors("drs:DeleteSourceServer"):
                client.delete_source_server(sourceServerID=server.id)
