"""`ec2.terminate`: terminate the machines that a failback has replaced. This cannot be taken back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import ClassVar, Literal

from pydantic import Field

from leeward.state_machines.asl import JsonObject
from leeward.state_machines.compile.context import Context, Fragment
from leeward.state_machines.compile.groups import group_list, regions
from leeward.state_machines.compile.single import one_wait
from leeward.state_machines.compile.waiting import Pace
from leeward.state_machines.components import Servers
from leeward.state_machines.documents.direction import Side
from leeward.state_machines.documents.fields import Slug
from leeward.state_machines.problems import Problem
from leeward.state_machines.steps.base import StepKind, StepModel
from leeward.state_machines.validate.scope import StepScope

_PACE = Pace(first_seconds=10, longest_seconds=30)


class TerminateInstances(StepModel):
    """Terminate the instances that carry all of a group's tags, except recovered ones and those that are protected."""

    default_timeout: ClassVar[timedelta] = timedelta(minutes=15)
    default_policy: ClassVar[str] = "ask"

    kind: Literal["ec2.terminate"]
    groups: tuple[Slug, ...] = Field(description="Which drs.servers components' replaced machines to terminate")
    in_: Side = Field("target", alias="in", description="Where the machines are: target (default) or origin")


def check(step: TerminateInstances, scope: StepScope) -> Iterator[Problem]:
    """The groups exist and are chosen by tags: an instance is known by nothing else."""
    yield from scope.components(step.groups, Servers, "groups")
    for index, name in enumerate(step.groups):
        component = scope.application.components.get(name)
        if isinstance(component, Servers) and not component.servers.tags:
            yield scope.place.at("groups", index).problem(
                f'"{name}" is chosen by the ids of source servers, which say nothing of instances',
                expected="a group that is chosen by tags",
                hint="choose the group by tags in application.yaml",
            )


def compile(step: TerminateInstances, context: Context) -> Fragment:
    """One wait."""
    parameters: JsonObject = {"groups": group_list(context.application, step.groups)} | regions(context, step.in_)
    parameters["keep"] = "recovered"
    comment = "Terminate the replaced machines; keep every recovered and every protected one"
    return one_wait(context, "ec2_terminate", parameters, _PACE, comment)


KIND = StepKind(TerminateInstances, compile, check=check, changes=True)
