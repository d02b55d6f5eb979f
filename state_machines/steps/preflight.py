"""`preflight`: look, before anything is changed, whether the run can succeed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import ClassVar, Literal

from pydantic import Field

from leeward.state_machines.asl import Json, JsonObject
from leeward.state_machines.compile.context import Context, Fragment
from leeward.state_machines.compile.groups import group_list, replicated
from leeward.state_machines.compile.single import one_call
from leeward.state_machines.components import RoutingControls, Servers, TargetGroup
from leeward.state_machines.documents.direction import Side
from leeward.state_machines.documents.fields import Slug
from leeward.state_machines.problems import Problem
from leeward.state_machines.steps.base import StepKind, StepModel
from leeward.state_machines.validate.scope import StepScope


class Preflight(StepModel):
    """Replication, lag against the RPO, quotas, launch settings, routing controls, the Region's completeness."""

    default_timeout: ClassVar[timedelta] = timedelta(minutes=3)
    default_policy: ClassVar[str] = "ask"

    kind: Literal["preflight"]
    groups: tuple[Slug, ...] | None = Field(None, description="Which drs.servers components; all by default")
    in_: Side = Field("target", alias="in", description="The Region to look at: target (default) or origin")


def check(step: Preflight, scope: StepScope) -> Iterator[Problem]:
    """The groups exist."""
    if step.groups is not None:
        yield from scope.groups(step.groups, step.in_)


def compile(step: Preflight, context: Context) -> Fragment:
    """One call."""
    application = context.application
    groups = step.groups if step.groups is not None else [name for name, _ in application.of_kind(Servers)]
    endpoints: list[Json] = []
    controls: JsonObject = {}
    for _, routing in application.of_kind(RoutingControls):
        endpoints += [{"region": region, "url": url} for region, url in routing.endpoints.items()]
        controls |= routing.controls
    parameters: JsonObject = replicated(context, step.in_) | {
        "groups": group_list(application, groups),
        "rpo_seconds": int(application.objectives.rpo.total_seconds()),
        "endpoints": endpoints,
        "controls": controls,
        "target_groups": [
            targets.target_groups[context.way.region(step.in_)] for _, targets in application.of_kind(TargetGroup)
        ],
    }
    return one_call(context, "preflight", parameters, "Look whether the run can succeed, before anything is changed")


KIND = StepKind(Preflight, compile, check=check)
