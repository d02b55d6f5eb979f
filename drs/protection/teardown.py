"""Take a source server apart: stop, disconnect, delete; DRS refuses each before the one that precedes it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from leeward.common.aws.clients import translate_errors
from leeward.drs.api.models import SourceServer
from leeward.drs.api.states import ReplicationState

if TYPE_CHECKING:
    from mypy_boto3_drs import DrsClient


def stop_replication(client: DrsClient, servers: Sequence[SourceServer]) -> None:
    """Stop those that replicate: with that their points in time are gone."""
    for server in servers:
        if server.replication.state.is_replicating:
            with translate_errors("drs:StopReplication"):
                client.stop_replication(sourceServerID=server.id)


def disconnect_servers(client: DrsClient, servers: Sequence[SourceServer]) -> None:
    """Disconnect those that are stopped. DRS refuses one that has a recovery instance."""
    for server in servers:
        if server.replication.state is ReplicationState.STOPPED:
            with translate_errors("drs:DisconnectSourceServer"):
                client.disconnect_source_server(sourceServerID=server.id)


def delete_servers(client: DrsClient, servers: Sequence[SourceServer]) -> None:
    """Delete those that are disconnected."""
    for server in servers:
        if server.replication.state is ReplicationState.DISCONNECTED:
            with translate_errors("drs:DeleteSourceServer"):
                client.delete_source_server(sourceServerID=server.id)
