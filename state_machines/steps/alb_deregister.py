"""`alb.deregister`: deregister a Region's servers from its load balancer, so that users can't write there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from leeward.state_machines.application.run_direction import Side
from leeward.state_machines.components.alb_target_group import TargetGroupComponent
from leeward.state_machines.components.drs_servers import ServerGroupComponent
from leeward.state_machines.diagnostics.problems import DocumentProblem
from leeward.state_machines.fields.field_types import Slug
from leeward.state_machines.fragments.actions.target_group_changes import TargetGroupChange, change_target_groups
from leeward.state_machines.fragments.step_context import Fragment, StepContext
from leeward.state_machines.rules.step_scope import StepScope
from leeward.state_machines.step_kinds.step_effects import StepEffect, TargetChange, WriteFence
from leeward.state_machines.step_kinds.step_model import StepModel


class AlbDeregisterStep(StepModel):
    """Deregister the instances of each target group's servers. Done when the load balancer has drained all of them."""

    kind: Literal["alb.deregister"]
    targets: tuple[Slug, ...] = Field(description="The alb.target_group components")
    in_: Side = Field("origin", alias="in", description="The load balancer's Region: origin (default) or target")

    @property
    def effects(self) -> tuple[StepEffect, ...]:
        """Return what this step does to servers, traffic, and protection."""
        return (TargetChange(self.in_), WriteFence(self.in_, self.targets))


def check(step: AlbDeregisterStep, scope: StepScope) -> Iterator[DocumentProblem]:
    """Check that the target groups exist, and that their servers can be found in the Region."""
    yield from scope.check_components(step.targets, TargetGroupComponent, "targets")
    for index, name in enumerate(step.targets):
        component = scope.application.components.get(name)
        if isinstance(component, TargetGroupComponent) and isinstance(
            scope.application.components.get(component.serves), ServerGroupComponent
        ):
            yield from scope.check_findable(component.serves, step.in_, scope.location.child("targets", index))


def compile(step: AlbDeregisterStep, context: StepContext) -> Fragment:
    """Build a poll loop for all target groups."""
    comment = "Deregister the instances and wait until they are drained, so that no user writes here"
    return change_target_groups(context, TargetGroupChange.DEREGISTER, step.targets, step.in_, comment)


def undo(step: AlbDeregisterStep, context: StepContext) -> Fragment:
    """Build a poll loop for all target groups."""
    comment = "Register the instances again and wait until the load balancer reports them as healthy"
    return change_target_groups(context, TargetGroupChange.REGISTER, step.targets, step.in_, comment)
