"""Lists the servers that a run recovered, read from its journal: recovery point, launch time, or failure reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from leeward.control.journal.hash_chain import ChainedEntry
from leeward.control.journal.run_journal import JournalEvent
from leeward.evidence.model import ServerRecovery


def list_server_recoveries(links: Sequence[ChainedEntry]) -> list[ServerRecovery]:
    """Return every server that a step recorded, sorted by group and name. Of several attempts, the last one counts."""
    began: dict[tuple[str | None, str], datetime] = {}
    servers: dict[str, ServerRecovery] = {}
    for link in links:
        group = str(link.facts.get("part") or link.step or "")
        if link.event == JournalEvent.STEP_STARTED:
            began[link.step, group] = link.at
        recorded = link.facts.get("servers")
        if link.event in (JournalEvent.STEP_DONE, JournalEvent.STEP_FAILED) and isinstance(recorded, list):
            for facts in recorded:
                if isinstance(facts, Mapping):
                    server = _build_server(facts, group, began.get((link.step, group)))
                    servers[server.id] = server
    return sorted(servers.values(), key=lambda s: (s.group, s.name or "", s.id))


def find_worst_loss(links: Sequence[ChainedEntry]) -> float | None:
    """Return the worst data loss that the last preflight expected, in seconds, or None."""
    losses = [link.facts["worst_loss_seconds"] for link in links if "worst_loss_seconds" in link.facts]
    return float(losses[-1]) if losses and isinstance(losses[-1], int | float) else None


def _build_server(facts: Mapping[str, object], group: str, began: datetime | None) -> ServerRecovery:
    launched = _parse_time(facts.get("launched_at"))
    return ServerRecovery(
        id=str(facts["id"]),
        name=_to_optional_text(facts.get("name")),
        group=group,
        outcome="failed" if facts.get("reason") else "recovered",
        instance=_to_optional_text(facts.get("instance")),
        job=_to_optional_text(facts.get("job")),
        recovery_point=_parse_time(facts.get("recovery_point")),
        launched_at=launched,
        launch_seconds=None if launched is None or began is None else max(0.0, (launched - began).total_seconds()),
        reason=str(facts.get("reason") or ""),
    )


def _to_optional_text(value: object) -> str | None:
    return None if value is None else str(value)


def _parse_time(value: object) -> datetime | None:
    return datetime.fromisoformat(str(value)) if value else None
