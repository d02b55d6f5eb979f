"""The rules of `drs.servers` components."""

from __future__ import annotations

from collections.abc import Iterator

from leeward.state_machines.application.application_document import Application
from leeward.state_machines.components.drs_servers import ServerGroupComponent
from leeward.state_machines.diagnostics.document_locations import DocumentLocation
from leeward.state_machines.diagnostics.problems import DocumentProblem
from leeward.state_machines.rules.step_scope import check_component_kind


def check(
    servers: ServerGroupComponent, location: DocumentLocation, application: Application
) -> Iterator[DocumentProblem]:
    """Check the groups that it waits for, and the number of servers."""
    for index, name in enumerate(servers.after):
        yield from check_component_kind(application, name, ServerGroupComponent, location.child("after", index))
        if name in servers.after[:index]:
            yield location.child("after", index).problem(f'"{name}" is listed twice')
    ids = servers.servers.ids
    if ids and servers.expect is not None and servers.expect != len(ids):
        yield location.child("expect").problem(
            f"expect is {servers.expect}, but {len(ids)} ids are listed", expected=f"{len(ids)}, or no expect"
        )
    if not ids and servers.expect is None:
        yield location.child("servers").warning(
            "the group has no expect, so a server that DRS omits from a list is not noticed",
            hint="add expect: and the number of servers in the group",
        )
