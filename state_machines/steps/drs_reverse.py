"""`drs.reverse`: start reverse replication of recovered servers, so that the active Region is protected."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import ClassVar, Literal

from pydantic import Field

from leeward.state_machines.application.run_direction import Side, opposite
from leeward.state_machines.asl import JsonObject
from leeward.state_machines.components.drs_servers import ServerGroupComponent
from leeward.state_machines.diagnostics.problems import DocumentProblem
from leeward.state_machines.fields.field_types import Slug
from leeward.state_machines.fragments.actions.server_groups import groups_json, region_parameters
from leeward.state_machines.fragments.patterns.poll_loop import PollInterval
from leeward.state_machines.fragments.patterns.single_action import build_single_wait
from leeward.state_machines.fragments.step_context import Fragment, StepContext
from leeward.state_machines.rules.step_scope import StepScope
from leeward.state_machines.step_kinds.step_effects import Reversal, StepEffect
from leeward.state_machines.step_kinds.step_model import StepModel

_POLL_INTERVAL = PollInterval(first_seconds=10, longest_seconds=30)


class DrsReverseStep(StepModel):
    """Reverse the replication of the groups' recovery instances, unless it is already reversed.

    The copies appear in the run's other Region, with the tags of the group, so that its selector finds them there.
    """

    default_timeout: ClassVar[timedelta] = timedelta(minutes=15)
    default_policy: ClassVar[str] = "ask"

    kind: Literal["drs.reverse"]
    groups: tuple[Slug, ...] = Field(description="The drs.servers components to replicate back")
    in_: Side = Field(
        "target", alias="in", description="The Region of the recovery instances: target (default) or origin"
    )
    mode: Literal["recovery", "drill"] = Field("recovery", description="drill: reverse only a drill's instances")
    if_unreachable: Literal["fail", "defer"] = Field(
        "fail", description="If the other Region doesn't respond: fail, or defer and record since when no copy exists"
    )

    @property
    def effects(self) -> tuple[StepEffect, ...]:
        """Return what this step does to servers, traffic, and protection."""
        return (Reversal(self.groups, self.in_, is_drill=self.mode == "drill"),)


def check(step: DrsReverseStep, scope: StepScope) -> Iterator[DocumentProblem]:
    """Check that the groups exist, and that a drill doesn't defer."""
    yield from scope.check_groups(step.groups, step.in_)
    if step.mode == "drill" and step.if_unreachable == "defer":
        yield scope.location.child("if_unreachable").problem(
            "a drill that defers the reversal tests nothing", expected="if_unreachable: fail"
        )


def compile(step: DrsReverseStep, context: StepContext) -> Fragment:
    """Build one poll loop."""
    components = [context.application.component(name, ServerGroupComponent) for name in step.groups]
    parameters: JsonObject = {"groups": groups_json(context.application, step.groups)} | region_parameters(
        context, step.in_
    )
    parameters |= {
        "tags": any(component.servers.tags for component in components),
        "is_drill": step.mode == "drill",
        "if_unreachable": step.if_unreachable,
    }
    region, other_region = context.run_regions.region(step.in_), context.run_regions.region(opposite(step.in_))
    return build_single_wait(
        context, "drs_reverse", parameters, _POLL_INTERVAL, f"Replicate what runs in {region} to {other_region}"
    )


def undo(step: DrsReverseStep, context: StepContext) -> Fragment:
    """Build a poll loop that waits until the copies are deleted."""
    copies = opposite(step.in_)
    parameters: JsonObject = {"groups": groups_json(context.application, step.groups)} | region_parameters(
        context, copies
    )
    comment = "Stop and delete the copies that this run's own reversal created, and no others"
    return build_single_wait(context, "drs_discard", parameters, _POLL_INTERVAL, comment)


def is_drill(step: DrsReverseStep) -> bool:
    """Return whether the step reverses a drill."""
    return step.mode == "drill"


def keeps_effect(step: DrsReverseStep) -> bool:
    """Return whether a rollback keeps the reversal: the servers that it protects are still active afterwards."""
    return step.mode == "recovery"
