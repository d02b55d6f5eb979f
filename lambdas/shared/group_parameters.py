"""The parameters of tasks that act on server groups in one Region."""

from __future__ import annotations

from leeward.drs.inventory.server_groups import ServerGroup
from leeward.lambdas.runtime.invocation.task_events import RegionalParameters


class GroupParameters(RegionalParameters):
    """The server groups, and their Region."""

    groups: list[ServerGroup]
