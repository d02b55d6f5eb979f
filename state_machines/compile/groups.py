"""A group of servers as the tasks are told of it. They resolve it themselves, in the target Region."""

from __future__ import annotations

from collections.abc import Sequence

from state_machines.asl import Json, JsonObject
from state_machines.components import Servers
from state_machines.documents.application import Application


def group_json(application: Application, name: str) -> JsonObject:
    """{"name", "tags" or "ids", "expect"}; `expect` is null where the document does not say."""
    servers = application.component(name, Servers)
    selector: JsonObject = (
        {"tags": dict(servers.servers.tags)} if servers.servers.tags else {"ids": list(servers.servers.ids or ())}
    )
    return {"name": name} | selector | {"expect": servers.expect}


def group_list(application: Application, names: Sequence[str]) -> list[Json]:
    """The groups `names`."""
    return [group_json(application, name) for name in names]
