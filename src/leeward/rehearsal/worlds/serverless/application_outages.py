"""The outages of services that an application's own functions need: of Lambda, and of what the functions call."""

from __future__ import annotations

from collections.abc import Collection

from leeward.twin.engine import Engine
from leeward.twin.interception import ServiceOutage


def list_application_outages(engine: Engine, functions: Collection[str]) -> list[ServiceOutage]:
    """Return the outages, past and future ones included, of services that these functions need."""
    outages = engine.interceptor.service_outages.list_outages()
    if not outages or not functions:
        return []
    called = {call.service for call in engine.interceptor.calls if call.caller in functions}
    return [outage for outage in outages if outage.service in {*called, "lambda"}]


def has_application_outage(engine: Engine, functions: Collection[str], region: str) -> bool:
    """Return whether such a service fails in the Region now, so that the application can't answer there."""
    now = engine.clock.now()
    return any(each.affects(each.service, region, now) for each in list_application_outages(engine, functions))
