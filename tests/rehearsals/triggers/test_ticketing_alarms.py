"""An application that has stacks of its own, rehearsed with what its templates deploy of Leeward."""

from __future__ import annotations

from leeward.twin.templates.cloud_assembly import CloudAssembly
from tests.rehearsals.triggers.deployed_application import deployed_application
from tests.support.nonempty import nonempty


def test_ticketing_alarms_of_leeward_stacks_are_deployed(ticketing_assembly: CloudAssembly) -> None:
    with deployed_application(ticketing_assembly, application="ticketing", main="drill", failed_region=None) as world:
        world.pass_minutes(1)
        assert world.started_runs() == []
        (home, away) = world.stage.application.regions.both
        assert "leeward-ticketing-run-stuck" in world.events.cloudwatch.alarm_names(away)
        assert not [
            name for name in nonempty(world.events.cloudwatch.alarm_names(home)) if name.startswith("ticketing")
        ]
        guard = world.stage.guard
        assert guard is not None
        assert (guard.denied_calls, guard.unsupported_policies) == ([], [])
