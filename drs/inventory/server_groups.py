"""Server groups, and their source servers in a Region."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Self

from pydantic import BaseModel, ConfigDict, PositiveInt, model_validator

from leeward.common.errors import NotFound
from leeward.drs.api.models import SourceServer
from leeward.drs.api.queries import list_source_servers
from leeward.drs.api.states import ReplicationDirection

if TYPE_CHECKING:
    from mypy_boto3_drs import DrsClient


class ServerGroup(BaseModel):
    """A group of servers, selected by tags or by IDs. `expect` is the minimum number of servers."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    tags: dict[str, str] | None = None
    ids: tuple[str, ...] | None = None
    expect: PositiveInt | None = None

    @model_validator(mode="after")
    def _one_selector(self) -> Self:
        if bool(self.tags) == bool(self.ids):
            raise ValueError("a group is selected either by tags or by ids")
        return self

    @property
    def selector(self) -> str:
        """Return a description of the selector for messages."""
        if self.tags:
            return "tags " + ", ".join(f"{key}={value}" for key, value in self.tags.items())
        return "ids " + ", ".join(self.ids or ())


def resolve_group(
    client: DrsClient, group: ServerGroup, region: str, direction: ReplicationDirection | None = None
) -> list[SourceServer]:
    """Return the group's source servers in the client's Region, ordered by ID. `direction` restricts the result.

    Raises NotFound, naming the group, the selector, and the Region, when no server matches, fewer than expected match,
    or an ID is unknown. Stopping is safer than silently recovering only part of an application.
    """
    return _require_complete(group, _list_candidates(client, [group], group.ids), region, direction)


def resolve_groups(
    client: DrsClient, groups: Sequence[ServerGroup], region: str, direction: ReplicationDirection | None = None
) -> list[tuple[ServerGroup, list[SourceServer]]]:
    """Return each group with its servers, as `resolve_group` does.

    DRS can't filter by tag, so one listing of the Region serves all groups that are selected by tags. Raises NotFound
    for the first incomplete group.
    """
    tagged = [group for group in groups if group.tags]
    candidates = _list_candidates(client, tagged, None) if tagged else []
    return [
        (
            group,
            _require_complete(
                group, candidates if group.tags else _list_candidates(client, [group], group.ids), region, direction
            ),
        )
        for group in groups
    ]


def _list_candidates(client: DrsClient, groups: Sequence[ServerGroup], ids: Sequence[str] | None) -> list[SourceServer]:
    return list_source_servers(client, ids, lambda tags: any(_has_group_tags(tags, group) for group in groups))


def _has_group_tags(tags: Mapping[str, str], group: ServerGroup) -> bool:
    return (group.tags or {}).items() <= tags.items()


def _require_complete(
    group: ServerGroup, candidates: Sequence[SourceServer], region: str, direction: ReplicationDirection | None
) -> list[SourceServer]:
    servers = [server for server in candidates if _has_group_tags(server.tags, group)]
    context = f"group {group.name!r} ({group.selector}) in {region}"
    if direction is not None:
        servers = [server for server in servers if server.direction is direction]
        context = f"{context}, direction {direction.value}"
    missing = sorted(set(group.ids or ()) - {server.id for server in servers})
    if missing:
        raise NotFound(f"{context}: there is no source server {', '.join(missing)}")
    if not servers:
        raise NotFound(f"{context}: no source server matches")
    if group.expect is not None and len(servers) < group.expect:
        labels = ", ".join(server.label for server in servers)
        raise NotFound(f"{context}: {len(servers)} source servers match, {group.expect} are expected (found {labels})")
    return servers
