"""Which Regions and endpoints do not answer, and when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(slots=True)
class RegionOutage:
    """One Region that answers nothing from `start` until `end` (None: for the rest of the run). With
    `black_hole_seconds` packets are swallowed and each call waits that long; otherwise it is refused at once."""

    region: str
    start: datetime
    end: datetime | None = None
    black_hole_seconds: float = 0

    def is_active(self, at: datetime) -> bool:
        """Whether the Region is dark at `at`."""
        return self.start <= at and (self.end is None or at < self.end)


class OutageSchedule:
    """Every darkness and every endpoint that is down."""

    def __init__(self) -> None:
        self._region_outages: list[RegionOutage] = []
        self._hosts_down: set[str] = set()

    def add(self, outage: RegionOutage) -> None:
        """Plan a darkness."""
        self._region_outages.append(outage)

    def end_outage(self, region: str, at: datetime) -> None:
        """Every darkness over `region` ends at `at`."""
        for dark in self._region_outages:
            if dark.region == region and dark.is_active(at):
                dark.end = at

    def take_host_down(self, host: str) -> None:
        """The endpoint refuses connections from now on."""
        self._hosts_down.add(host.lower())

    def bring_host_up(self, host: str) -> None:
        """The endpoint answers again."""
        self._hosts_down.discard(host.lower())

    def is_host_down(self, host: str) -> bool:
        """Whether `host` was taken down."""
        return host.lower() in self._hosts_down

    def find_outage(self, region: str, at: datetime) -> RegionOutage | None:
        """The darkness over `region` at `at`, if any."""
        return next((dark for dark in self._region_outages if dark.region == region and dark.is_active(at)), None)
