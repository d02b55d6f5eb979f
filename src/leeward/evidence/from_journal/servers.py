"""Lists the servers that a run recovered, read from its journal: recovery point, launch time, or failure reason."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from leeward.common.claims.all_claims import find_claims
from leeward.common.claims.types.run_claims import Ready
from leeward.common.claims.types.server_claims import Launched, LaunchedServer, Launching
from leeward.control.journal.hash_chain import ChainedEntry
from leeward.control.journal.run_journal import JournalEvent
from leeward.evidence.model import ServerRecovery


def list_server_recoveries(links: Sequence[ChainedEntry]) -> list[ServerRecovery]:
    """Return every server that a step recorded, sorted by group and name. Of several attempts, the last one counts."""
    began: dict[tuple[str | None, str], datetime] = {}
    servers: dict[str, ServerRecovery] = {}
    for link in links:
        # A group begins with its first job. Until version 0.1, each group had entries of its own, which named it.
        if link.event == JournalEvent.STEP_STARTED:
            began[link.step, str(link.facts.get("part") or "")] = link.at
        for launching in find_claims(link.facts, Launching):
            began.setdefault((link.step, launching.group), link.at)
        if link.event in (JournalEvent.STEP_DONE, JournalEvent.STEP_FAILED):
            for launch in find_claims(link.facts, Launched):
                group = launch.group or str(link.facts.get("part") or "")
                since = began.get((link.step, group), began.get((link.step, "")))
                for launched in launch.servers:
                    servers[launched.id] = _build_server(launched, group, since)
    return sorted(servers.values(), key=lambda s: (s.group, s.name or "", s.id))


def find_worst_loss(links: Sequence[ChainedEntry]) -> float | None:
    """Return the worst data loss that the last preflight expected, in seconds, or None."""
    losses = [claim.worst_loss_seconds for link in links for claim in find_claims(link.facts, Ready)]
    return losses[-1] if losses else None


def _build_server(launched: LaunchedServer, group: str, began: datetime | None) -> ServerRecovery:
    at = _parse_time(launched.launched_at)
    return ServerRecovery(
        id=launched.id,
        name=launched.name,
        group=group,
        outcome="failed" if launched.reason else "recovered",
        instance=launched.instance,
        job=launched.job,
        recovery_point=_parse_time(launched.recovery_point),
        launched_at=at,
        launch_seconds=None if at is None or began is None else max(0.0, (at - began).total_seconds()),
        reason=launched.reason,
    )


def _parse_time(value: str | None) -> datetime | None:
    return datetime.fromisoformat(value) if value else None
