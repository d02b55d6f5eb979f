"""The outages of Regions and endpoints, and their times."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(slots=True)
class RegionOutage:
    """An outage of one Region from `start` to `end` (None: for the rest of the run).

    With `black_hole`, packets are dropped and each call waits that long. With a duration of 0, connections are refused.
    None means that each caller waits for its own connect timeout.
    """

    region: str
    start: datetime
    end: datetime | None = None
    black_hole: timedelta | None = None

    def is_active(self, at: datetime) -> bool:
        """Return whether the outage is active at `at`."""
        return self.start <= at and (self.end is None or at < self.end)


class OutageSchedule:
    """All Region outages, and all endpoints that are down."""

    def __init__(self) -> None:
        self._region_outages: list[RegionOutage] = []
        self._hosts_down: set[str] = set()

    def add(self, outage: RegionOutage) -> None:
        """Add an outage."""
        self._region_outages.append(outage)

    def end_outage(self, region: str, at: datetime) -> None:
        """End every active outage of `region` at `at`."""
        for outage in self._region_outages:
            if outage.region == region and outage.is_active(at):
                outage.end = at

    def take_host_down(self, host: str) -> None:
        """Make the endpoint refuse connections from now on."""
        self._hosts_down.add(host.lower())

    def bring_host_up(self, host: str) -> None:
        """Make the endpoint respond again."""
        self._hosts_down.discard(host.lower())

    def is_host_down(self, host: str) -> bool:
        """Return whether `host` was taken down."""
        return host.lower() in self._hosts_down

    def find_outage(self, region: str, at: datetime) -> RegionOutage | None:
        """Return the outage of `region` at `at`, or None."""
        return next((each for each in self._region_outages if each.region == region and each.is_active(at)), None)
