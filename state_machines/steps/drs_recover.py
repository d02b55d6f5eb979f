"""`drs.recover`: launch groups of servers in the target Region, in waves."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import ClassVar, Literal

from pydantic import Field

from state_machines.asl import JsonObject
from state_machines.compile.context import Context, Fragment
from state_machines.compile.groups import group_json, group_list
from state_machines.compile.side_by_side import Lane, waves
from state_machines.compile.single import one_wait
from state_machines.compile.waiting import Pace
from state_machines.components import Servers
from state_machines.documents.application import Application
from state_machines.documents.fields import Duration, PointInTime, Slug
from state_machines.order import waves as in_waves
from state_machines.problems import Problem
from state_machines.steps.base import StepKind, StepModel
from state_machines.validate.scope import StepScope

# Elastic Disaster Recovery's quotas (docs.aws.amazon.com/drs, Service quotas).
QUOTAS: JsonObject = {"max_servers_per_job": 100, "max_jobs": 20, "max_servers_in_jobs": 500}
_PACE = Pace(first_seconds=15, longest_seconds=30)


class Recover(StepModel):
    """Launch the groups' servers; the waves follow from `after` in the application. `timeout` is for each wave."""

    default_timeout: ClassVar[timedelta] = timedelta(minutes=30)

    kind: Literal["drs.recover"]
    timeout: Duration | None = Field(None, description="How long one attempt of each wave may take, such as 25m")
    groups: tuple[Slug, ...] = Field(description="Which drs.servers components to recover")
    mode: Literal["recovery", "drill"] = Field("recovery", description="A drill's instances are marked as such")
    point_in_time: PointInTime = Field("latest", description="latest, or a time such as 2026-03-01T09:00:00Z")


def check(step: Recover, scope: StepScope) -> Iterator[Problem]:
    """The groups exist."""
    yield from scope.components(step.groups, Servers, "groups")


def rounds(step: Recover, scope: StepScope) -> int:
    """One for each wave; one where the order is a cycle, which another rule reports."""
    try:
        return max(1, len(wave_names(step, scope.application)))
    except ValueError:
        return 1


def wave_names(step: Recover, application: Application) -> list[list[str]]:
    """The step's groups in waves. Raises ValueError on a cycle."""
    return in_waves(step.groups, {name: servers.after for name, servers in application.of_kind(Servers)})


def compile(step: Recover, context: Context) -> Fragment:
    """A wait for each group, side by side in each wave."""
    point = None if step.point_in_time == "latest" else step.point_in_time

    def lane(group: str) -> Lane:
        parameters: JsonObject = {
            "group": group_json(context.application, group),
            "is_drill": step.mode == "drill",
            "point_in_time": point,
        }
        comment = f"Start a recovery job for {group}, or find the one that an earlier call started"
        return Lane(group, f"Recover {group}", "drs_recover", parameters | QUOTAS, comment)

    return waves(context, _PACE, [[lane(group) for group in wave] for wave in wave_names(step, context.application)])


def undo(step: Recover, context: Context) -> Fragment:
    """A wait until the instances are gone."""
    parameters: JsonObject = {"groups": group_list(context.application, step.groups)}
    comment = "Terminate the instances that this run's own jobs launched, and no others"
    return one_wait(context, "drs_recover_undo", parameters, _PACE, comment)


KIND = StepKind(Recover, compile, check=check, undo=undo, changes=True, rounds=rounds)
