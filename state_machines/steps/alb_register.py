"""`alb.register`: register recovered instances with the target Region's target groups, and wait until they are
healthy.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import ClassVar, Literal

from pydantic import Field

from leeward.state_machines.components.alb_target_group import TargetGroupComponent
from leeward.state_machines.diagnostics.problems import DocumentProblem
from leeward.state_machines.fields.field_types import Slug
from leeward.state_machines.fragments.actions.target_group_changes import TargetGroupChange, change_target_groups
from leeward.state_machines.fragments.step_context import Fragment, StepContext
from leeward.state_machines.rules.step_scope import StepScope
from leeward.state_machines.step_kinds.step_effects import Registration, StepEffect, TargetChange
from leeward.state_machines.step_kinds.step_model import StepModel


class AlbRegisterStep(StepModel):
    """Register the instances of each target group's servers. Done when the load balancer reports all of them as
    healthy.
    """

    default_timeout: ClassVar[timedelta] = timedelta(minutes=10)

    kind: Literal["alb.register"]
    targets: tuple[Slug, ...] = Field(description="The alb.target_group components")

    @property
    def effects(self) -> tuple[StepEffect, ...]:
        """Return what this step does to servers, traffic, and protection."""
        return (TargetChange("target"), Registration("target", self.targets))


def check(step: AlbRegisterStep, scope: StepScope) -> Iterator[DocumentProblem]:
    """Check that the target groups exist."""
    yield from scope.check_components(step.targets, TargetGroupComponent, "targets")


def compile(step: AlbRegisterStep, context: StepContext) -> Fragment:
    """Build a poll loop for all target groups."""
    comment = "Register the instances and wait until the load balancer reports them as healthy"
    return change_target_groups(context, TargetGroupChange.REGISTER, step.targets, "target", comment)


def undo(step: AlbRegisterStep, context: StepContext) -> Fragment:
    """Build a poll loop for all target groups."""
    comment = "Deregister the instances again and wait until they are drained"
    return change_target_groups(context, TargetGroupChange.DEREGISTER, step.targets, "target", comment)
