"""`drs.protect`: termination protection on the recovered instances."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from leeward.state_machines.asl import JsonObject
from leeward.state_machines.compile.context import Context, Fragment
from leeward.state_machines.compile.groups import group_list
from leeward.state_machines.compile.single import one_call
from leeward.state_machines.documents.fields import Slug
from leeward.state_machines.problems import Problem
from leeward.state_machines.steps.base import StepKind, StepModel
from leeward.state_machines.validate.scope import StepScope


class Protect(StepModel):
    """Turn termination protection on for the groups' recovered instances."""

    kind: Literal["drs.protect"]
    groups: tuple[Slug, ...] = Field(description="Which drs.servers components to protect")


def check(step: Protect, scope: StepScope) -> Iterator[Problem]:
    """The groups exist."""
    yield from scope.groups(step.groups, "target")


def compile(step: Protect, context: Context) -> Fragment:
    """One call."""
    comment = "Turn termination protection on for the recovered instances"
    return one_call(context, "drs_protect", _parameters(step, context), comment)


def undo(step: Protect, context: Context) -> Fragment:
    """One call."""
    comment = "Turn termination protection off again"
    return one_call(context, "drs_unprotect", _parameters(step, context), comment)


def _parameters(step: Protect, context: Context) -> JsonObject:
    return {"groups": group_list(context.application, step.groups)}


KIND = StepKind(Protect, compile, check=check, undo=undo, may_be_left=True, changes=True)
