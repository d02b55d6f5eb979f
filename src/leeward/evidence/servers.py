"""Server by server: what the journal says was recovered, from which point in time, how fast, or why not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from leeward.control.chain import Link
from leeward.control.journal import Event
from leeward.evidence.model import Server


def servers_of(links: Sequence[Link]) -> list[Server]:
    """Every server that a step told of, by group and name; of several attempts the last counts."""
    began: dict[tuple[str | None, str], datetime] = {}
    found: dict[str, Server] = {}
    for link in links:
        group = str(link.facts.get("part") or link.step or "")
        if link.event == Event.STEP_STARTED:
            began[link.step, group] = link.at
        told = link.facts.get("servers")
        if link.event in (Event.STEP_DONE, Event.STEP_FAILED) and isinstance(told, list):
            for each in told:
                if isinstance(each, Mapping):
                    server = _server(each, group, began.get((link.step, group)))
                    found[server.id] = server
    return sorted(found.values(), key=lambda s: (s.group, s.name or "", s.id))


def worst_loss(links: Sequence[Link]) -> float | None:
    """The worst loss that the last preflight expected, seconds."""
    told = [link.facts["worst_loss_seconds"] for link in links if "worst_loss_seconds" in link.facts]
    return float(told[-1]) if told and isinstance(told[-1], int | float) else None


def _server(told: Mapping[str, object], group: str, began: datetime | None) -> Server:
    launched = _time(told.get("launched_at"))
    return Server(
        id=str(told["id"]),
        name=_text(told.get("name")),
        group=group,
        outcome="failed" if told.get("reason") else "recovered",
        instance=_text(told.get("instance")),
        job=_text(told.get("job")),
        recovery_point=_time(told.get("recovery_point")),
        launched_at=launched,
        launch_seconds=None if launched is None or began is None else max(0.0, (launched - began).total_seconds()),
        reason=str(told.get("reason") or ""),
    )


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _time(value: object) -> datetime | None:
    return datetime.fromisoformat(str(value)) if value else None
