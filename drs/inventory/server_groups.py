"""A group of servers, resolved to the source servers of one Region."""

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
    """Servers by their tags or by their ids, and how many there must be at least (`expect`)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    tags: dict[str, str] | None = None
    ids: tuple[str, ...] | None = None
    expect: PositiveInt | None = None

    @model_validator(mode="after")
    def _one_selector(self) -> Self:
        if bool(self.tags) == bool(self.ids):
            raise ValueError("a group is chosen either by tags or by ids")
        return self

    @property
    def selector(self) -> str:
        """How the group is chosen, for people."""
        if self.tags:
            return "tags " + ", ".join(f"{key}={value}" for key, value in self.tags.items())
        return "ids " + ", ".join(self.ids or ())


def resolve_group(
    client: DrsClient, group: ServerGroup, region: str, direction: ReplicationDirection | None = None
) -> list[SourceServer]:
    """The group's source servers in the client's Region, ordered by id; those of one direction, where it is given.

    Raises NotFound, naming group, selector and Region, when none matches, fewer than expected match, or an id is
    unknown: to recover part of an application in silence is worse than to stop.
    """
    return _require_complete(group, _list_candidates(client, [group], group.ids), region, direction)


def resolve_groups(
    client: DrsClient, groups: Sequence[ServerGroup], region: str, direction: ReplicationDirection | None = None
) -> list[tuple[ServerGroup, list[SourceServer]]]:
    """Each group with its servers, as `resolve` finds them. DRS filters by no tag, so that one listing of the Region
    serves every group that is chosen by tags. Raises NotFound for the first group that is not complete."""
    tagged = [group for group in groups if group.tags]
    listed = _list_candidates(client, tagged, None) if tagged else []
    return [
        (
            group,
            _require_complete(
                group, listed if group.tags else _list_candidates(client, [group], group.ids), region, direction
            ),
        )
        for group in groups
    ]


def _list_candidates(client: DrsClient, groups: Sequence[ServerGroup], ids: Sequence[str] | None) -> list[SourceServer]:
    return list_source_servers(client, ids, lambda tags: any(_has_group_tags(tags, group) for group in groups))


def _has_group_tags(tags: Mapping[str, str], group: ServerGroup) -> bool:
    return (group.tags or {}).items() <= tags.items()


def _require_complete(
    group: ServerGroup, listed: Sequence[SourceServer], region: str, direction: ReplicationDirection | None
) -> list[SourceServer]:
    servers = [server for server in listed if _has_group_tags(server.tags, group)]
    place = f"group {group.name!r} ({group.selector}) in {region}"
    if direction is not None:
        servers = [server for server in servers if server.direction is direction]
        place = f"{place}, direction {direction.value}"
    missing = sorted(set(group.ids or ()) - {server.id for server in servers})
    if missing:
        raise NotFound(f"{place}: there is no source server {', '.join(missing)}")
    if not servers:
        raise NotFound(f"{place}: no source server matches")
    if group.expect is not None and len(servers) < group.expect:
        found = ", ".join(server.label for server in servers)
        raise NotFound(f"{place}: {len(servers)} source servers match, {group.expect} are expected (found {found})")
    return servers
