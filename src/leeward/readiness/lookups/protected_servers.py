"""Find the source servers that the runbook recovers."""

from __future__ import annotations

from contextlib import suppress

from leeward.common.errors import NotFound
from leeward.drs.api.models import SourceServer
from leeward.drs.inventory.server_groups import resolve_group
from leeward.readiness.model.check_clients import CheckClients
from leeward.readiness.model.readiness_input import ReadinessInput


def find_protected_servers(inputs: ReadinessInput, clients: CheckClients) -> list[SourceServer]:
    """Return every source server of the groups. Skip incomplete groups, which `server_replication` reports."""
    servers: dict[str, SourceServer] = {}
    for group in inputs.groups:
        with suppress(NotFound):
            servers |= {
                server.id: server for server in resolve_group(clients.drs, group, inputs.region, inputs.direction)
            }
    return list(servers.values())
