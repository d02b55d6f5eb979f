"""Which Regions were dark on a stage, from when until when."""

from __future__ import annotations

from datetime import datetime

from leeward.twin.engine import Engine
from leeward.twin.world.build import World
from leeward.twin.world.incident import origin_returns


class Darkness:
    """`spells`: each Region that was, is or will be dark, since when, and until when; None is not yet."""

    def __init__(self, engine: Engine, world: World) -> None:
        self._engine, self._world = engine, world
        self.spells: list[tuple[str, datetime, datetime | None]] = []

    def falls(self, region: str) -> bool:
        """`region` answers nothing from now on; False where it is dark already."""
        now = self._engine.clock.now()
        if self._engine.wire.is_dark(region):
            return False
        self._engine.wire.darken(region, now)
        self._world.drs.origin_lost(region)
        self.spells.append((region, now, None))
        return True

    def lifts(self, region: str) -> None:
        """`region`, which is dark, answers again."""
        origin_returns(self._world, region)
        now = self._engine.clock.now()
        self.spells = [
            (each, since, now if each == region and until is None and since <= now else until)
            for each, since, until in self.spells
        ]

    def ends(self) -> None:
        """Every Region that is dark by now answers again."""
        now = self._engine.clock.now()
        for region, since, until in list(self.spells):
            if until is None and now >= since:
                self.lifts(region)
