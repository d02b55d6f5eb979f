"""`alb.deregister`: take a Region's servers out of its load balancer. A fence: no user writes there any more."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import ClassVar, Literal

from pydantic import Field

from leeward.state_machines.application.run_direction import Side
from leeward.state_machines.components import ServerGroupComponent, TargetGroupComponent
from leeward.state_machines.diagnostics.problems import DocumentProblem
from leeward.state_machines.fields.field_types import Slug
from leeward.state_machines.fragments.actions.target_group_changes import TargetGroupChange, change_target_groups
from leeward.state_machines.fragments.step_context import Fragment, StepContext
from leeward.state_machines.rules.step_scope import StepScope
from leeward.state_machines.steps.step_kind import StepKind, StepModel


class AlbDeregisterStep(StepModel):
    """Deregister the instances of each target group's servers; done when the load balancer has drained all of them."""

    default_timeout: ClassVar[timedelta] = timedelta(minutes=10)

    kind: Literal["alb.deregister"]
    targets: tuple[Slug, ...] = Field(description="Which alb.target_group components")
    in_: Side = Field("origin", alias="in", description="Whose load balancer: that of origin (default) or target")


def check(step: AlbDeregisterStep, scope: StepScope) -> Iterator[DocumentProblem]:
    """The target groups exist, and their servers can be found in the Region."""
    yield from scope.check_components(step.targets, TargetGroupComponent, "targets")
    for index, name in enumerate(step.targets):
        component = scope.application.components.get(name)
        if isinstance(component, TargetGroupComponent) and isinstance(
            scope.application.components.get(component.serves), ServerGroupComponent
        ):
            yield from scope.check_findable(component.serves, step.in_, scope.location.child("targets", index))


def compile(step: AlbDeregisterStep, context: StepContext) -> Fragment:
    """A wait for each target group, side by side."""
    comment = "Take the instances out, and wait until drained: no user writes here any more"
    return change_target_groups(context, TargetGroupChange.DEREGISTER, step.targets, step.in_, comment)


def undo(step: AlbDeregisterStep, context: StepContext) -> Fragment:
    """A wait for each target group, side by side."""
    comment = "Register the instances again, and wait until the load balancer calls them healthy"
    return change_target_groups(context, TargetGroupChange.REGISTER, step.targets, step.in_, comment)


def _changed_target_group_side(step: AlbDeregisterStep) -> Side:
    return step.in_


KIND = StepKind(
    AlbDeregisterStep,
    compile,
    check=check,
    undo=undo,
    changes_resources=True,
    changed_target_group_side=_changed_target_group_side,
)
