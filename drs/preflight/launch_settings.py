"""Reads the launch settings of many servers, one call for each, over several calls of the task."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Self

from leeward.common.task_calls.call_time import leave_rest
from leeward.common.task_calls.memo import Memo
from leeward.drs.api import queries
from leeward.drs.api.models import SourceServer
from leeward.drs.api.states import LaunchDisposition

if TYPE_CHECKING:
    from mypy_boto3_drs import DrsClient


class LaunchSettingsCheck(Memo):
    """The servers whose launch settings were read: those up to the ID `until`, in order.

    `stopped` are those whose settings leave the recovered instance stopped. `remaining` were not read yet.
    """

    until: str = ""
    stopped: tuple[str, ...] = ()
    remaining: int = 0

    def advance(self, drs: DrsClient, servers: Sequence[SourceServer]) -> Self:
        """Read the settings of further servers, as many as the time of the call allows."""
        until, stopped = self.until, list(self.stopped)
        unread = sorted(server.id for server in servers if server.id > until)
        for number, server in enumerate(unread):
            if leave_rest():
                return self.model_copy(
                    update={"until": until, "stopped": tuple(stopped), "remaining": len(unread) - number}
                )
            if queries.get_launch_disposition(drs, server) is not LaunchDisposition.STARTED:
                stopped.append(server)
            until = server
        return self.model_copy(update={"until": until, "stopped": tuple(stopped), "remaining": 0})

    def dispositions(self, servers: Sequence[SourceServer]) -> Mapping[str, LaunchDisposition]:
        """Return the launch disposition of each server."""
        return {
            server.id: LaunchDisposition.STOPPED if server.id in self.stopped else LaunchDisposition.STARTED
            for server in servers
        }
