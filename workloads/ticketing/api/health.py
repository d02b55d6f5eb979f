"""A Region's health, twice.

*Deep* (`/health`) reads the table, the other Region's heartbeat and the operator's switch: for people and alarms.

*Shallow* (`/health/shallow`) is what Route 53 asks. It has a path of its own, not a parameter, so that probes have
their own throttle, metric and line in the access log. It answers whether this Region runs its API and is not told to be
out of service. A table that cannot be read makes the switch unknown, and unknown is not unhealthy: a hiccup of the
table would otherwise take the Region out for as long as a health check needs to turn, twice. Deep tells of it, and the
alarms see the 5xx answers.

The other Region's silence never makes this one unhealthy.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from time import perf_counter
from typing import Literal

from workloads.ticketing.api.items import RegionSwitch
from workloads.ticketing.api.models import DeepHealth, Health, Replication, TableHealth
from workloads.ticketing.api.problems import TryAgain
from workloads.ticketing.api.settings import Settings
from workloads.ticketing.api.store import Store

# A beat may be late by one and a replication by a few seconds before it is called silent.
_BEATS, _GRACE_SECONDS = 2, 30
# The classic contract's own words.
_READ = "Successful response reading from DynamoDB table."
_NOT_READ = "Could not read from DynamoDB table."


@dataclass(frozen=True, slots=True)
class _Seen:
    switch: RegionSwitch | None
    milliseconds: int | None


def shallow(store: Store, settings: Settings) -> tuple[Health, int]:
    """The account for Route 53, and its HTTP status."""
    seen = _look(store)
    told_out = seen.switch is not None and not seen.switch.in_service
    status: Literal["healthy", "out-of-service"] = "out-of-service" if told_out else "healthy"
    message = _out(seen.switch) if seen.switch and told_out else "This Region answers."
    health = Health(status=status, message=message, region=settings.region, version=settings.version)
    return health, HTTPStatus.SERVICE_UNAVAILABLE if told_out else HTTPStatus.OK


def deep(store: Store, settings: Settings, now: datetime) -> tuple[DeepHealth, int]:
    """The account for people and alarms, and its HTTP status."""
    seen = _look(store)
    switch = seen.switch
    status: Literal["healthy", "unhealthy", "out-of-service"]
    if switch is None:
        status, message = "unhealthy", _NOT_READ
    elif not switch.in_service:
        status, message = "out-of-service", _out(switch)
    else:
        status, message = "healthy", _READ
    health = DeepHealth(
        status=status,
        message=message,
        region=settings.region,
        version=settings.version,
        table=TableHealth(reachable=switch is not None, milliseconds=seen.milliseconds),
        replication=_replication(store, settings, now, readable=switch is not None),
        writes="unknown" if switch is None else "open" if switch.writes_open else "fenced",
    )
    return health, HTTPStatus.OK if status == "healthy" else HTTPStatus.SERVICE_UNAVAILABLE


def _look(store: Store) -> _Seen:
    began = perf_counter()
    try:
        switch = store.switch()
    except TryAgain:
        return _Seen(None, None)
    return _Seen(switch, round((perf_counter() - began) * 1000))


def _replication(store: Store, settings: Settings, now: datetime, *, readable: bool) -> Replication:
    peer = settings.peer
    if peer is None or not readable:
        return Replication(peer=peer, state="unknown")
    try:
        last = store.heartbeat(peer)
    except TryAgain:
        return Replication(peer=peer, state="unknown")
    if last is None:
        return Replication(peer=peer, state="never-seen")
    # Two Regions' clocks may differ a little: never an age below nothing.
    age = max(0, round((now.astimezone(UTC) - datetime.fromisoformat(last)).total_seconds()))
    state: Literal["current", "silent"] = (
        "current" if age <= _BEATS * settings.heartbeat_seconds + _GRACE_SECONDS else "silent"
    )
    return Replication(peer=peer, state=state, lastHeartbeat=last, ageSeconds=age)


def _out(switch: RegionSwitch) -> str:
    return "An operator has taken this Region out of service" + (f": {switch.reason}" if switch.reason else ".")
