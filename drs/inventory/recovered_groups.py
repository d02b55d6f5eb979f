"""The servers of several groups and their recovery instances, with one listing of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from leeward.common.errors import NotFound
from leeward.drs.api.models import RecoveryInstance, SourceServer
from leeward.drs.api.queries import list_recovery_instances
from leeward.drs.inventory.server_groups import ServerGroup, resolve_groups

if TYPE_CHECKING:
    from mypy_boto3_drs import DrsClient


def require_recovered_groups(
    client: DrsClient, groups: Sequence[ServerGroup], region: str
) -> dict[str, tuple[list[SourceServer], Mapping[str, RecoveryInstance]]]:
    """Return each group's servers, and the live recovery instance of each server that has one, by server ID.

    A server may have none, because a runbook can continue without a server that did not launch. Raises NotFound when no
    server of a group has one, or a group is incomplete.
    """
    resolved = resolve_groups(client, groups, region)
    servers = sorted({server.id for _, found in resolved for server in found})
    live = {i.server: i for i in list_recovery_instances(client, servers) if i.is_live}
    recovered: dict[str, tuple[list[SourceServer], Mapping[str, RecoveryInstance]]] = {}
    for group, found in resolved:
        instances = {server.id: live[server.id] for server in found if server.id in live}
        if not instances:
            raise NotFound(f"no recovery instance in {region} of {', '.join(server.label for server in found)}")
        recovered[group.name] = found, instances
    return recovered
