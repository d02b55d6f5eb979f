"""The world of each kind of no-op step, in which it matters that the step does nothing.

A step that changes something matters in every world. A step that checks or waits matters only when there is something
to find, so the world is changed when the step begins.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from leeward.rehearsal.incidents import serverless_faults
from leeward.rehearsal.session.rehearsal_session import RehearsalSession
from leeward.state_machines.components.alb_target_group import TargetGroupComponent
from leeward.state_machines.components.dynamodb_global_table import GlobalTableComponent

LAG_SECONDS = 4 * 60
LONG_LAG_SECONDS = 20 * 60


class WorldThatMatters(NamedTuple):
    """What is wrong when the step begins, in words, and the change that makes it so in the run's `target`."""

    reason: str
    change: Callable[[RehearsalSession, str], None]


def _as_it_is(_session: RehearsalSession, _target: str) -> None:
    """The step has something to do in the world as it is."""


def _lag(seconds: float) -> Callable[[RehearsalSession, str], None]:
    def change(session: RehearsalSession, _target: str) -> None:
        for region in session.application.regions.both:
            for server in session.world.drs.servers(region):
                session.world.drs.set_lag(server.server_id, seconds)

    return change


def _pause_tables(session: RehearsalSession, _target: str) -> None:
    for _, table in session.application.components_of_kind(GlobalTableComponent):
        session.world.tables.pause(table.table)


def _remove_replica(session: RehearsalSession, target: str) -> None:
    for _, table in session.application.components_of_kind(GlobalTableComponent):
        session.world.tables.remove_replica(table.table, target)


def _empty_target_groups(session: RehearsalSession, target: str) -> None:
    elbv2 = session.engine.client("elbv2", target)
    for _, component in session.application.components_of_kind(TargetGroupComponent):
        arn = component.target_groups[target]
        targets = [{"Id": instance} for instance in session.world.target_health.target_group(arn).targets]
        if targets:
            elbv2.deregister_targets(TargetGroupArn=arn, Targets=targets)


def _stop_api(session: RehearsalSession, target: str) -> None:
    serverless_faults.stop_function(session.world, target)


AS_IT_IS = WorldThatMatters("as is", _as_it_is)
WORLDS: Mapping[str, WorldThatMatters] = {
    "preflight": WorldThatMatters("copies lag 20 min", _lag(LONG_LAG_SECONDS)),
    "drs.await_replication": WorldThatMatters("copies lag 4 min", _lag(LAG_SECONDS)),
    "dynamodb.check_replicas": WorldThatMatters("no replica", _remove_replica),
    "dynamodb.await_replication": WorldThatMatters("replication paused", _pause_tables),
    "http.check": WorldThatMatters("no targets", _empty_target_groups),
    "api.transaction": WorldThatMatters("API stopped", _stop_api),
}


def world_for(kind: str) -> WorldThatMatters:
    """The world in which it matters that a step of this kind does nothing."""
    return WORLDS.get(kind, AS_IT_IS)
