"""Watches which machines serve users while no other Region holds a copy of them to recover from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from twin.aws.drs.replication import Mode
from twin.world.build import World

LOOKS_EVERY_SECONDS = 15


@dataclass(slots=True)
class Spell:
    """A machine (an EC2 instance id) that has served without a copy since `since`; `until` None while it lasts."""

    instance: str
    machine: str
    region: str
    since: datetime
    until: datetime | None = None


@dataclass(slots=True)
class Copies:
    """`look` now and then; `spells` is what was seen."""

    world: World
    now: Callable[[], datetime]
    spells: list[Spell] = field(default_factory=list)
    _open: dict[str, Spell] = field(default_factory=dict)

    def look(self) -> None:
        """The machines of a Region serve while a user's latest request was answered from there."""
        clients = self.world.clients
        if clients is None:
            return
        serving = {r.served_by for r in clients.requests[-clients.count :]} - {None}
        copied = self._copied()
        bare: dict[str, Spell] = {}
        for region in self.world.application.regions.both:
            if region not in serving:
                continue
            for instance in self.world.instances.in_region(region):
                if instance.group and instance.running_since and instance.id not in copied:
                    since = max(instance.running_since, self.world.began_at)
                    bare[instance.id] = Spell(instance.id, instance.group, region, since)
        for instance_id, spell in bare.items():
            if instance_id not in self._open:
                self._open[instance_id] = spell
                self.spells.append(spell)
        for instance_id in set(self._open) - set(bare):
            self._open.pop(instance_id).until = self.now()

    def _copied(self) -> set[str]:
        """The instances of which some source server holds a consistent copy, however old, and replicates on."""
        return {
            server.origin.instance_id
            for region in self.world.application.regions.both
            for server in self.world.drs.servers(region)
            if server.replication.mode is Mode.RUNNING and server.replication.data_time(self.now()) is not None
        }
