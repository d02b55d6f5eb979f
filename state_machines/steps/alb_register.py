"""`alb.register`: put recovered instances into the target Region's target groups, and wait until they are healthy."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import ClassVar, Literal

from pydantic import Field

from leeward.state_machines.compile.balancing import Balance, balance
from leeward.state_machines.compile.context import Context, Fragment
from leeward.state_machines.components import TargetGroup
from leeward.state_machines.documents.direction import Side
from leeward.state_machines.documents.fields import Slug
from leeward.state_machines.problems import Problem
from leeward.state_machines.steps.base import StepKind, StepModel
from leeward.state_machines.validate.scope import StepScope


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
    return balance(context, Balance.REGISTER, step.targets, "target", comment)


def undo(step: Register, context: Context) -> Fragment:
    """A wait for each target group, side by side."""
    comment = "Take the instances out again, and wait until drained"
    return balance(context, Balance.DEREGISTER, step.targets, "target", comment)


def _balances(_step: Register) -> Side:
    return "target"


KIND = StepKind(Register, compile, check=check, undo=undo, changes=True, balances=_balances)
