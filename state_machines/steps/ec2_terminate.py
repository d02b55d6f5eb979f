"""`ec2.terminate`: terminate the instances that a failback has replaced. This can't be rolled back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import ClassVar, Literal

from pydantic import Field

from leeward.state_machines.application.run_direction import Side
from leeward.state_machines.asl import JsonObject
from leeward.state_machines.components.drs_servers import ServerGroupComponent
from leeward.state_machines.diagnostics.problems import DocumentProblem
from leeward.state_machines.fields.field_types import Slug
from leeward.state_machines.fragments.actions.server_groups import groups_json, region_parameters
from leeward.state_machines.fragments.patterns.poll_loop import PollInterval
from leeward.state_machines.fragments.patterns.single_action import build_single_wait
from leeward.state_machines.fragments.step_context import Fragment, StepContext
from leeward.state_machines.rules.step_scope import StepScope
from leeward.state_machines.step_kinds.step_effects import Removal, StepEffect
from leeward.state_machines.step_kinds.step_model import StepModel

_POLL_INTERVAL = PollInterval(first_seconds=10, longest_seconds=30)


class Ec2TerminateStep(StepModel):
    """Terminate the instances that have all of a group's tags, except recovered and protected ones."""

    default_timeout: ClassVar[timedelta] = timedelta(minutes=15)
    default_policy: ClassVar[str] = "ask"

    kind: Literal["ec2.terminate"]
    groups: tuple[Slug, ...] = Field(description="The drs.servers components whose replaced instances to terminate")
    in_: Side = Field("target", alias="in", description="The Region of the instances: target (default) or origin")

    @property
    def effects(self) -> tuple[StepEffect, ...]:
        """Return what this step does to servers, traffic, and protection."""
        return (Removal(self.groups, self.in_, "terminated"),)


def check(step: Ec2TerminateStep, scope: StepScope) -> Iterator[DocumentProblem]:
    """Check that the groups exist and are selected by tags, the only selector that applies to instances."""
    yield from scope.check_components(step.groups, ServerGroupComponent, "groups")
    for index, name in enumerate(step.groups):
        component = scope.application.components.get(name)
        if isinstance(component, ServerGroupComponent) and not component.servers.tags:
            yield scope.location.child("groups", index).problem(
                f'"{name}" is selected by the ids of source servers, which do not identify instances',
                expected="a group that is selected by tags",
                hint="select the group by tags in application.yaml",
            )


def compile(step: Ec2TerminateStep, context: StepContext) -> Fragment:
    """Build one poll loop."""
    parameters: JsonObject = {"groups": groups_json(context.application, step.groups)} | region_parameters(
        context, step.in_
    )
    parameters["keep"] = "recovered"
    comment = "Terminate the replaced instances. Keep every recovered and every protected one"
    return build_single_wait(context, "ec2_terminate", parameters, _POLL_INTERVAL, comment)
