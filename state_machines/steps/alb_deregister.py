"""`alb.deregister`: take a Region's servers out of its load balancer. A fence: no user writes there any more."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import ClassVar, Literal

from pydantic import Field

from leeward.state_machines.compile.balancing import Balance, balance
from leeward.state_machines.compile.context import Context, Fragment
from leeward.state_machines.components import Servers, TargetGroup
from leeward.state_machines.documents.direction import Side
from leeward.state_machines.documents.fields import Slug
from leeward.state_machines.problems import Problem
from leeward.state_machines.steps.base import StepKind, StepModel
from leeward.state_machines.validate.scope import StepScope


class Deregister(StepModel):
    """Deregister the instances of each target group's servers; done when the load balancer has drained all of them."""

    default_timeout: ClassVar[timedelta] = timedelta(minutes=10)

    kind: Literal["alb.deregister"]
    targets: tuple[Slug, ...] = Field(description="Which alb.target_group components")
    in_: Side = Field("origin", alias="in", description="Whose load balancer: that of origin (default) or target")


def check(step: Deregister, scope: StepScope) -> Iterator[Problem]:
    """The target groups exist, and their servers can be found in the Region."""
    yield from scope.components(step.targets, TargetGroup, "targets")
    for index, name in enumerate(step.targets):
        component = scope.application.components.get(name)
        if isinstance(component, TargetGroup) and isinstance(
            scope.application.components.get(component.serves), Servers
        ):
            yield from scope.findable(component.serves, step.in_, scope.place.at("targets", index))


def compile(step: Deregister, context: Context) -> Fragment:
    """A wait for each target group, side by side."""
    comment = "Take the instances out, and wait until drained: no user writes here any more"
    return balance(context, Balance.DEREGISTER, step.targets, step.in_, comment)


def undo(step: Deregister, context: Context) -> Fragment:
    """A wait for each target group, side by side."""
    comment = "Register the instances again, and wait until the load balancer calls them healthy"
    return balance(context, Balance.REGISTER, step.targets, step.in_, comment)


def _balances(step: Deregister) -> Side:
    return step.in_


KIND = StepKind(Deregister, compile, check=check, undo=undo, changes=True, balances=_balances)
