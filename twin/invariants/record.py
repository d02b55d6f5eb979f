"""What an invariant may look at: everything that was observed in one rehearsal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from twin.internet.clients import Request
from twin.report import Outcome
from twin.wire import Call


@dataclass(frozen=True, slots=True)
class Launch:
    """One server that one recovery job launched."""

    server: str
    job: str
    run: str | None
    at: datetime
    succeeded: bool


@dataclass(frozen=True, slots=True)
class Routing:
    """A change of where DNS sends the users: `regions` have their routing control On, `serving` pass their checks."""

    at: datetime
    regions: frozenset[str]
    serving: frozenset[str]


@dataclass(frozen=True, slots=True)
class Record:
    """One rehearsal, as observed. `dark` lists each dark Region with its first and, if it came back, last moment."""

    origin: str
    target: str
    regions: tuple[str, ...]
    incident_at: datetime
    started_at: datetime
    ended_at: datetime
    timeout_seconds: int
    outcome: Outcome
    account: str  # what the run itself says at its end
    cause: str | None
    requests: Sequence[Request]
    calls: Sequence[Call]
    launches: Sequence[Launch]
    routings: Sequence[Routing]
    dark: Sequence[tuple[str, datetime, datetime | None]]
    servers: frozenset[str]
    tells_of_an_end: bool  # the journal holds the run's end
