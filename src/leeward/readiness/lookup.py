"""What several checks look at."""

from __future__ import annotations

from contextlib import suppress

from leeward.common.errors import NotFound
from leeward.drs.model import SourceServer
from leeward.drs.servers import resolve
from leeward.readiness.reach import Reach
from leeward.readiness.subject import Subject


def protected(subject: Subject, reach: Reach) -> list[SourceServer]:
    """Every source server of the groups; a group that is incomplete is the replication check's to tell."""
    found: dict[str, SourceServer] = {}
    for group in subject.groups:
        with suppress(NotFound):
            found |= {server.id: server for server in resolve(reach.drs, group, subject.region, subject.direction)}
    return list(found.values())
