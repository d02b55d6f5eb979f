"""Starts and ends the Region outages of a rehearsal session, and records their times."""

from __future__ import annotations

from datetime import datetime

from leeward.rehearsal.incidents.scenario_schedule import restore_region
from leeward.rehearsal.worlds.world_builder import World
from leeward.twin.engine import Engine


class RegionOutages:
    """The Region outages of a session: past, current, and scheduled.

    Each entry in `intervals` is a Region, the start of its outage, and the end. The end is None until the outage ends.
    """

    def __init__(self, engine: Engine, world: World) -> None:
        self._engine, self._world = engine, world
        self.intervals: list[tuple[str, datetime, datetime | None]] = []

    def start(self, region: str) -> bool:
        """Start an outage of `region` now. Return False if the Region is already unavailable."""
        now = self._engine.clock.now()
        if self._engine.interceptor.has_outage(region):
            return False
        self._engine.interceptor.schedule_outage(region, now)
        self._world.drs.lose_origin_region(region)
        self.intervals.append((region, now, None))
        return True

    def end(self, region: str) -> None:
        """End the current outage of `region` now."""
        restore_region(self._world, region)
        now = self._engine.clock.now()
        self.intervals = [
            (name, since, now if name == region and until is None and since <= now else until)
            for name, since, until in self.intervals
        ]

    def end_all(self) -> None:
        """End the outages of all Regions that are unavailable now."""
        now = self._engine.clock.now()
        for region, since, until in list(self.intervals):
            if until is None and now >= since:
                self.end(region)
