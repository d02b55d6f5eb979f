"""`drs.protect`: turn on termination protection for the recovered instances."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from leeward.state_machines.asl import JsonObject
from leeward.state_machines.diagnostics.problems import DocumentProblem
from leeward.state_machines.fields.field_types import Slug
from leeward.state_machines.fragments.actions.server_groups import groups_json
from leeward.state_machines.fragments.patterns.single_action import build_short_wait
from leeward.state_machines.fragments.step_context import Fragment, StepContext
from leeward.state_machines.rules.step_scope import StepScope
from leeward.state_machines.step_kinds.step_model import StepModel


class DrsProtectStep(StepModel):
    """Turn on termination protection for the groups' recovered instances."""

    kind: Literal["drs.protect"]
    groups: tuple[Slug, ...] = Field(description="The drs.servers components to protect")


def check(step: DrsProtectStep, scope: StepScope) -> Iterator[DocumentProblem]:
    """Check that the groups exist."""
    yield from scope.check_groups(step.groups, "target")


def compile(step: DrsProtectStep, context: StepContext) -> Fragment:
    """Build a poll loop."""
    comment = "Turn termination protection on for the recovered instances"
    return build_short_wait(context, "drs_protect", _parameters(step, context), comment)


def undo(step: DrsProtectStep, context: StepContext) -> Fragment:
    """Build a poll loop that turns termination protection off."""
    comment = "Turn termination protection off again"
    return build_short_wait(context, "drs_unprotect", _parameters(step, context), comment)


def _parameters(step: DrsProtectStep, context: StepContext) -> JsonObject:
    return {"groups": groups_json(context.application, step.groups)}
