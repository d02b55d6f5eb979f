"""`alb.register`: put recovered instances into the target Region's target groups, and wait until they are healthy."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import ClassVar, Literal

from pydantic import Field

from state_machines.asl import JsonObject
from state_machines.compile.context import Context, Fragment
from state_machines.compile.groups import group_json
from state_machines.compile.side_by_side import Lane, waves
from state_machines.compile.waiting import Pace
from state_machines.components import TargetGroup
from state_machines.documents.fields import Slug
from state_machines.problems import Problem
from state_machines.steps.base import StepKind, StepModel
from state_machines.validate.scope import StepScope

_PACE = Pace(first_seconds=5, longest_seconds=15)


class Register(StepModel):
    """Register the instances of each target group's servers; done when the load balancer calls all of them healthy."""

    default_timeout: ClassVar[timedelta] = timedelta(minutes=10)

    kind: Literal["alb.register"]
    targets: tuple[Slug, ...] = Field(description="Which alb.target_group components")


def check(step: Register, scope: StepScope) -> Iterator[Problem]:
    """The target groups exist."""
    yield from scope.components(step.targets, TargetGroup, "targets")


def compile(step: Register, context: Context) -> Fragment:
    """A wait for each target group, side by side."""
    comment = "Register the instances and wait until the load balancer calls them healthy"
    return _lanes(step, context, "Register", "alb_register", comment)


def undo(step: Register, context: Context) -> Fragment:
    """A wait for each target group, side by side."""
    return _lanes(step, context, "Deregister", "alb_deregister", "Take the instances out again, and wait until drained")


def _lanes(step: Register, context: Context, verb: str, task: str, comment: str) -> Fragment:
    def lane(name: str) -> Lane:
        component = context.application.component(name, TargetGroup)
        parameters: JsonObject = {
            "target_group_arn": component.target_groups[context.way.target],
            "port": component.port,
            "group": group_json(context.application, component.serves),
        }
        return Lane(name, f"{verb} {name}", task, parameters, comment)

    return waves(context, _PACE, [[lane(name) for name in step.targets]])


KIND = StepKind(Register, compile, check=check, undo=undo, changes=True)
