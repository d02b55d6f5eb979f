"""`drs.await_replication`: wait until server groups are replicated, within the RPO or up to a point in time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import ClassVar, Literal

from pydantic import Field

from leeward.state_machines.application.run_direction import Side
from leeward.state_machines.asl import JsonObject
from leeward.state_machines.diagnostics.problems import DocumentProblem
from leeward.state_machines.fields.field_types import Slug
from leeward.state_machines.fragments.actions.server_groups import groups_json, replication_parameters
from leeward.state_machines.fragments.patterns.poll_loop import PollInterval
from leeward.state_machines.fragments.patterns.single_action import build_single_wait
from leeward.state_machines.fragments.step_context import Fragment, StepContext
from leeward.state_machines.rules.step_scope import StepScope
from leeward.state_machines.step_kinds.step_effects import CopyWait, StepEffect
from leeward.state_machines.step_kinds.step_model import StepModel

_POLL_INTERVAL = PollInterval(first_seconds=10, longest_seconds=30, longest_ready_seconds=600)


class DrsAwaitReplicationStep(StepModel):
    """Wait until every server is CONTINUOUS and its lag is within the RPO. A stalled replication fails, because an
    operator must fix it.

    With `since: fence`, the copies must also contain everything that was written before this step began. Place it after
    the step that stops users from writing, so that no data is lost.
    """

    default_timeout: ClassVar[timedelta] = timedelta(hours=3)
    default_policy: ClassVar[str] = "ask"

    kind: Literal["drs.await_replication"]
    groups: tuple[Slug, ...] = Field(description="The drs.servers components to wait for")
    in_: Side = Field("target", alias="in", description="The Region of the copies: target (default) or origin")
    since: Literal["fence"] | None = Field(
        None, description="fence: the copies must contain everything that was written before this step"
    )

    @property
    def effects(self) -> tuple[StepEffect, ...]:
        """Return what this step does to servers, traffic, and protection."""
        return (CopyWait(self.groups, self.in_, after_fence=self.since == "fence"),)


def check(step: DrsAwaitReplicationStep, scope: StepScope) -> Iterator[DocumentProblem]:
    """Check that the groups exist."""
    yield from scope.check_groups(step.groups, step.in_)


def compile(step: DrsAwaitReplicationStep, context: StepContext) -> Fragment:
    """Build one poll loop."""
    parameters: JsonObject = {"groups": groups_json(context.application, step.groups)} | replication_parameters(
        context, step.in_
    )
    parameters |= {
        "lag_seconds": int(context.application.objectives.rpo.total_seconds()),
        "since": step.since,
    }
    region = context.run_regions.region(step.in_)
    goal = "has everything that was written until now" if step.since else "is within the RPO"
    return build_single_wait(
        context, "drs_await_replication", parameters, _POLL_INTERVAL, f"Wait until the replication to {region} {goal}"
    )
