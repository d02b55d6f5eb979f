"""What several checks look at."""

from __future__ import annotations

from contextlib import suppress

from leeward.common.errors import NotFound
from leeward.drs.api.models import SourceServer
from leeward.drs.inventory.server_groups import resolve_group
from leeward.readiness.model.check_clients import CheckClients
from leeward.readiness.model.readiness_input import ReadinessInput


def find_protected_servers(inputs: ReadinessInput, clients: CheckClients) -> list[SourceServer]:
    """Every source server of the groups; a group that is incomplete is the replication check's to tell."""
    found: dict[str, SourceServer] = {}
    for group in inputs.groups:
        with suppress(NotFound):
            found |= {
                server.id: server for server in resolve_group(clients.drs, group, inputs.region, inputs.direction)
            }
    return list(found.values())
