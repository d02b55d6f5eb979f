"""`drs.retire`: clean up after a failback, once the new protection is proven. It can't be rolled back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import ClassVar, Literal

from pydantic import Field

from leeward.state_machines.application.run_direction import Side, opposite
from leeward.state_machines.asl import JsonObject
from leeward.state_machines.diagnostics.problems import DocumentProblem
from leeward.state_machines.fields.field_types import Slug
from leeward.state_machines.fragments.actions.server_groups import groups_json, region_parameters
from leeward.state_machines.fragments.patterns.poll_loop import PollInterval
from leeward.state_machines.fragments.patterns.single_action import build_single_wait
from leeward.state_machines.fragments.step_context import Fragment, StepContext
from leeward.state_machines.rules.step_scope import StepScope
from leeward.state_machines.step_kinds.step_effects import Removal, StepEffect
from leeward.state_machines.step_kinds.step_model import StepModel

_POLL_INTERVAL = PollInterval(first_seconds=15, longest_seconds=60, longest_ready_seconds=60)


class DrsRetireStep(StepModel):
    """Remove the recovery instances of the Region that was left, and the source servers that replicated them back.

    The order is: stop the replication, terminate, delete the recovery instances, disconnect and delete the source
    servers. The task refuses to do this, whatever the runbook says, unless the server that is now active is protected
    again.
    """

    default_timeout: ClassVar[timedelta] = timedelta(hours=1)
    default_policy: ClassVar[str] = "ask"

    kind: Literal["drs.retire"]
    groups: tuple[Slug, ...] = Field(description="The drs.servers components to clean up")
    in_: Side = Field(
        "origin", alias="in", description="The Region of the instances to remove: origin (default) or target"
    )

    @property
    def effects(self) -> tuple[StepEffect, ...]:
        """Return what this step does to servers, traffic, and protection."""
        return (Removal(self.groups, opposite(self.in_), "retired"),)


def check(step: DrsRetireStep, scope: StepScope) -> Iterator[DocumentProblem]:
    """Check that the groups exist, and can be found in both Regions."""
    yield from scope.check_groups(step.groups, step.in_, opposite(step.in_))


def compile(step: DrsRetireStep, context: StepContext) -> Fragment:
    """Build one poll loop."""
    parameters: JsonObject = {"groups": groups_json(context.application, step.groups)} | region_parameters(
        context, step.in_
    )
    parameters["lag_seconds"] = int(context.application.objectives.rpo.total_seconds())
    region = context.run_regions.region(step.in_)
    comment = f"Remove the instances in {region} step by step, once the active servers are protected again"
    return build_single_wait(context, "drs_retire", parameters, _POLL_INTERVAL, comment)
