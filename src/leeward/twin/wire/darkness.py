"""Which Regions and endpoints do not answer, and when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(slots=True)
class Darkness:
    """One Region that answers nothing from `start` until `end` (None: for the rest of the run). With
    `black_hole_seconds` packets are swallowed and each call waits that long; otherwise it is refused at once."""

    region: str
    start: datetime
    end: datetime | None = None
    black_hole_seconds: float = 0

    def covers(self, at: datetime) -> bool:
        """Whether the Region is dark at `at`."""
        return self.start <= at and (self.end is None or at < self.end)


class Outages:
    """Every darkness and every endpoint that is down."""

    def __init__(self) -> None:
        self._dark: list[Darkness] = []
        self._down: set[str] = set()

    def add(self, darkness: Darkness) -> None:
        """Plan a darkness."""
        self._dark.append(darkness)

    def end(self, region: str, at: datetime) -> None:
        """Every darkness over `region` ends at `at`."""
        for dark in self._dark:
            if dark.region == region and dark.covers(at):
                dark.end = at

    def take_down(self, host: str) -> None:
        """The endpoint refuses connections from now on."""
        self._down.add(host.lower())

    def bring_up(self, host: str) -> None:
        """The endpoint answers again."""
        self._down.discard(host.lower())

    def is_down(self, host: str) -> bool:
        """Whether `host` was taken down."""
        return host.lower() in self._down

    def of(self, region: str, at: datetime) -> Darkness | None:
        """The darkness over `region` at `at`, if any."""
        return next((dark for dark in self._dark if dark.region == region and dark.covers(at)), None)
