"""The deep and the shallow health check of a Region.

*Deep* (`/health`) reads the table, the other Region's heartbeat, and the operator's switch. It is for operators and
alarms.

*Shallow* (`/health/shallow`) is for Route 53. It has its own path, so that probes have their own throttle, metric, and
line in the access log. It reports whether the Region runs its API and is not switched out of service. If the table
can't be read, the switch is unknown, which doesn't count as unhealthy. Otherwise, a brief table error would take the
Region out until a health check has changed twice. The deep check and the alarms on 5xx responses report such errors.

The other Region's missing heartbeats never make this Region unhealthy.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from time import perf_counter
from typing import Literal

from workloads.ticketing.api.contract.models import DeepHealth, ReplicationHealth, ShallowHealth, TableHealth
from workloads.ticketing.api.contract.problems import TemporarilyUnavailable
from workloads.ticketing.api.contract.settings import Settings
from workloads.ticketing.api.service.table_items import RegionSwitch
from workloads.ticketing.api.service.ticket_store import TicketStore

# Replication counts as silent after two missed heartbeats and a few seconds of replication lag.
_MISSED_HEARTBEATS, _GRACE_SECONDS = 2, 30
# The messages of the classic contract.
_TABLE_READ = "Successful response reading from DynamoDB table."
_TABLE_NOT_READ = "Could not read from DynamoDB table."


@dataclass(frozen=True, slots=True)
class _SwitchReading:
    switch: RegionSwitch | None
    milliseconds: int | None


def check_shallow(store: TicketStore, settings: Settings) -> tuple[ShallowHealth, int]:
    """Return the shallow health and its HTTP status."""
    reading = _read_switch(store)
    out_of_service = reading.switch is not None and not reading.switch.in_service
    status: Literal["healthy", "out-of-service"] = "out-of-service" if out_of_service else "healthy"
    message = _out_of_service_message(reading.switch) if reading.switch and out_of_service else "This Region responds."
    health = ShallowHealth(status=status, message=message, region=settings.region, version=settings.version)
    return health, HTTPStatus.SERVICE_UNAVAILABLE if out_of_service else HTTPStatus.OK


def check_deep(store: TicketStore, settings: Settings, now: datetime) -> tuple[DeepHealth, int]:
    """Return the deep health and its HTTP status."""
    reading = _read_switch(store)
    switch = reading.switch
    status: Literal["healthy", "unhealthy", "out-of-service"]
    if switch is None:
        status, message = "unhealthy", _TABLE_NOT_READ
    elif not switch.in_service:
        status, message = "out-of-service", _out_of_service_message(switch)
    else:
        status, message = "healthy", _TABLE_READ
    health = DeepHealth(
        status=status,
        message=message,
        region=settings.region,
        version=settings.version,
        table=TableHealth(reachable=switch is not None, milliseconds=reading.milliseconds),
        replication=_check_replication(store, settings, now, readable=switch is not None),
        writes="unknown" if switch is None else "open" if switch.writes_open else "fenced",
    )
    return health, HTTPStatus.OK if status == "healthy" else HTTPStatus.SERVICE_UNAVAILABLE


def _read_switch(store: TicketStore) -> _SwitchReading:
    began = perf_counter()
    try:
        switch = store.get_region_switch()
    except TemporarilyUnavailable:
        return _SwitchReading(None, None)
    return _SwitchReading(switch, round((perf_counter() - began) * 1000))


def _check_replication(store: TicketStore, settings: Settings, now: datetime, *, readable: bool) -> ReplicationHealth:
    peer = settings.other_region
    if peer is None or not readable:
        return ReplicationHealth(peer=peer, state="unknown")
    try:
        last = store.get_heartbeat(peer)
    except TemporarilyUnavailable:
        return ReplicationHealth(peer=peer, state="unknown")
    if last is None:
        return ReplicationHealth(peer=peer, state="never-seen")
    # The Regions' clocks may differ a little, so the age is at least 0.
    age = max(0, round((now.astimezone(UTC) - datetime.fromisoformat(last)).total_seconds()))
    state: Literal["current", "silent"] = (
        "current" if age <= _MISSED_HEARTBEATS * settings.heartbeat_seconds + _GRACE_SECONDS else "silent"
    )
    return ReplicationHealth(peer=peer, state=state, lastHeartbeat=last, ageSeconds=age)


def _out_of_service_message(switch: RegionSwitch) -> str:
    return "An operator has taken this Region out of service" + (f": {switch.reason}" if switch.reason else ".")
