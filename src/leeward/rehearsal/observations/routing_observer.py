"""Records each change of where DNS sends clients: by routing controls, by records, and by health checks."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from leeward.rehearsal.invariants.run_record import RoutingCause, RoutingChange
from leeward.rehearsal.worlds.world_builder import World


class RoutingObserver:
    """The routing changes of a session. Call `observe` once a second.

    A change counts from the moment at which its cause is set, before it has propagated. What the answers become is then
    known, and the Regions that serve at that moment are those that a run could have checked.
    """

    def __init__(self, world: World, now: Callable[[], datetime]) -> None:
        """`now` returns the virtual time. Changes of routing controls are recorded at once."""
        self._world, self._now = world, now
        self.changes: list[RoutingChange] = []
        self._controlled = world.application_dns.controlled_regions()
        self._answers = world.application_dns.regions_in_answers()
        self._settings = world.application_dns.record_settings()
        world.routing_controls.on_change(lambda *_: self._on_control_change())

    def observe(self) -> None:
        """Record a change of the DNS records, or of the answers that follow the health checks."""
        dns = self._world.application_dns
        settings, answers = dns.record_settings(), dns.regions_in_answers()
        previous, changed = self._answers, settings != self._settings
        self._settings, self._answers = settings, answers
        if changed:
            self._add(RoutingCause.RECORDS, answers, previous)
        elif answers != previous and self._controlled is None:
            self._add(RoutingCause.HEALTH, answers, previous)

    def serving_regions(self) -> frozenset[str]:
        """Return the Regions in which a client gets every page now."""
        return frozenset(r for r in self._world.application.regions.both if self._world.is_serving(r))

    def current_regions(self) -> frozenset[str]:
        """Return the Regions that DNS leads clients to, once all changes have propagated."""
        controlled = self._world.application_dns.controlled_regions()
        return self._world.application_dns.regions_in_answers() if controlled is None else controlled

    def _on_control_change(self) -> None:
        controlled = self._world.application_dns.controlled_regions()
        if controlled is None or self._controlled is None:
            # Health decides too. The answers that follow the control are observed when its health check changes.
            self._add(RoutingCause.CONTROLS, self._answers, self._answers)
            return
        previous, self._controlled = self._controlled, controlled
        self._add(RoutingCause.CONTROLS, controlled, previous)

    def _add(self, cause: RoutingCause, regions: frozenset[str], previous: frozenset[str]) -> None:
        self.changes.append(RoutingChange(self._now(), regions, self.serving_regions(), previous, cause))
