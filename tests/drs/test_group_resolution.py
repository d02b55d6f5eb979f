"""Groups, resolved to their servers."""

from __future__ import annotations

import pytest

from leeward.common.errors import NotFound
from leeward.drs.inventory.server_groups import ServerGroup, resolve_group, resolve_groups
from tests.support.task_world import TARGET, TaskWorld, server_group

GROUPS = [ServerGroup.model_validate(server_group()), ServerGroup.model_validate(server_group("database"))]


def test_one_listing_resolves_all_groups_by_tags(world: TaskWorld) -> None:
    client = world.client("drs")
    named = ServerGroup(name="named", ids=(world.drs.servers(TARGET)[0].server_id,))
    groups = [GROUPS[0], named, GROUPS[1]]
    found = resolve_groups(client, groups, TARGET)
    assert found == [(each, resolve_group(client, each, TARGET)) for each in groups]
    assert [len(servers) for _, servers in found] == [2, 1, 1]


def test_groups_of_a_task_use_one_listing(world: TaskWorld) -> None:
    world.step("preflight", groups=[server_group(), server_group("database")], rpo_seconds=300)
    # One for both groups, one for the quota of the Region.
    assert world.count_calls("drs:DescribeSourceServers") == 2


def test_first_incomplete_group_is_named(world: TaskWorld) -> None:
    lacking = GROUPS[1].model_copy(update={"name": "lacking", "expect": 2})
    unknown = ServerGroup(name="unknown", tags={"role": "nobody"})
    with pytest.raises(NotFound, match=r"group 'lacking'.*2 are expected"):
        resolve_groups(world.client("drs"), [GROUPS[0], lacking, unknown], TARGET)


def test_server_with_only_some_of_the_tags_is_not_in_the_group(world: TaskWorld) -> None:
    group = ServerGroup(name="one", tags={"Application": "website", "Role": "web", "Name": "web-1"})
    (server,) = resolve_group(world.client("drs"), group, TARGET)
    assert server.tags["Name"] == "web-1"  # web-2 and the database have some of the tags
