"""Server by server: what the journal says was recovered, from which point in time, how fast, or why not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from leeward.control.journal.hash_chain import ChainedEntry
from leeward.control.journal.run_journal import JournalEvent
from leeward.evidence.model import ServerRecovery


def list_server_recoveries(links: Sequence[ChainedEntry]) -> list[ServerRecovery]:
    """Every server that a step told of, by group and name; of several attempts the last counts."""
    began: dict[tuple[str | None, str], datetime] = {}
    found: dict[str, ServerRecovery] = {}
    for link in links:
        group = str(link.facts.get("part") or link.step or "")
        if link.event == JournalEvent.STEP_STARTED:
            began[link.step, group] = link.at
        told = link.facts.get("servers")
        if link.event in (JournalEvent.STEP_DONE, JournalEvent.STEP_FAILED) and isinstance(told, list):
            for each in told:
                if isinstance(each, Mapping):
                    server = _build_server(each, group, began.get((link.step, group)))
                    found[server.id] = server
    return sorted(found.values(), key=lambda s: (s.group, s.name or "", s.id))


def find_worst_loss(links: Sequence[ChainedEntry]) -> float | None:
    """The worst loss that the last preflight expected, seconds."""
    told = [link.facts["worst_loss_seconds"] for link in links if "worst_loss_seconds" in link.facts]
    return float(told[-1]) if told and isinstance(told[-1], int | float) else None


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
