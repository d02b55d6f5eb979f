"""An application that has stacks of its own, rehearsed with what its templates deploy of Leeward."""

from __future__ import annotations

from leeward.twin.templates.cloud_assembly import CloudAssembly
from tests.triggers.deployed import deployed


def test_what_watches_its_runs_is_live_and_its_own_stacks_are_its_workloads(ticketing_assembly: CloudAssembly) -> None:
    with deployed(ticketing_assembly, application="ticketing", main="drill", dark=None) as world:
        world.minutes(1)
        assert world.started() == []
        (home, away) = world.stage.application.regions.both
        assert "leeward-ticketing-run-stuck" in world.events.cloudwatch.alarm_names(away)
        assert not [name for name in world.events.cloudwatch.alarm_names(home) if name.startswith("ticketing")]
        guard = world.stage.guard
        assert guard is not None
        assert (guard.denied_calls, guard.unsupported_policies) == ([], [])
