"""Which Regions were dark on a stage, from when until when."""

from __future__ import annotations

from datetime import datetime

from leeward.rehearsal.incidents.scenario_schedule import restore_region
from leeward.rehearsal.worlds.world_builder import World
from leeward.twin.engine import Engine


class RegionOutages:
    """`spells`: each Region that was, is or will be dark, since when, and until when; None is not yet."""

    def __init__(self, engine: Engine, world: World) -> None:
        self._engine, self._world = engine, world
        self.intervals: list[tuple[str, datetime, datetime | None]] = []

    def start(self, region: str) -> bool:
        """`region` answers nothing from now on; False where it is dark already."""
        now = self._engine.clock.now()
        if self._engine.interceptor.has_outage(region):
            return False
        self._engine.interceptor.schedule_outage(region, now)
        self._world.drs.lose_origin_region(region)
        self.intervals.append((region, now, None))
        return True

    def end(self, region: str) -> None:
        """`region`, which is dark, answers again."""
        restore_region(self._world, region)
        now = self._engine.clock.now()
        self.intervals = [
            (each, since, now if each == region and until is None and since <= now else until)
            for each, since, until in self.intervals
        ]

    def end_all(self) -> None:
        """Every Region that is dark by now answers again."""
        now = self._engine.clock.now()
        for region, since, until in list(self.intervals):
            if until is None and now >= since:
                self.end(region)
