"""Reads the facts of journals that version 0.1 wrote as claims."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from leeward.common.claims.types.claim import Claim
from leeward.common.claims.types.run_claims import Ready
from leeward.common.claims.types.server_claims import Launched, LaunchedServer
from leeward.common.claims.types.traffic_claims import ControlsSwitched, WeightsSet


def read_claims_of_0_1(facts: Mapping[str, object]) -> Iterator[Claim]:
    """Yield the claims that the summary and the evidence need. A malformed fact is left out."""
    servers, losses, traffic = facts.get("servers"), facts.get("loss_seconds"), facts.get("traffic")
    if isinstance(servers, list):
        yield Launched(group="", region="", servers=tuple(_read_servers(servers)))
    if "worst_loss_seconds" in facts:
        worst = facts["worst_loss_seconds"]
        seconds = round(worst) if isinstance(worst, int | float) else None
        known_losses = losses.items() if isinstance(losses, Mapping) else ()
        groups = {str(g): None if s is None else round(s) for g, s in known_losses if isinstance(s, int | float | None)}
        yield Ready(servers=0, worst_loss_seconds=seconds, loss_seconds={**groups})
    if isinstance(traffic, list):
        on, off, overridden = (_texts(facts.get(name)) for name in ("traffic", "off", "overridden"))
        yield ControlsSwitched(on=on, off=off, accepted_by="", confirmed_by="", overridden=overridden)
    elif traffic is not None:
        yield WeightsSet(record="", weights=str(traffic))


def _read_servers(servers: list[object]) -> Iterator[LaunchedServer]:
    known = LaunchedServer.model_fields
    for facts in servers:
        try:
            yield LaunchedServer.model_validate({k: v for k, v in dict(facts).items() if k in known})  # type: ignore[call-overload]
        except (TypeError, ValueError):
            continue


def _texts(value: object) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, list) else ()
