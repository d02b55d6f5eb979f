"""`api.fence`: close a Region to writes. Acknowledged writes are kept, and no further write is accepted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from leeward.state_machines.application.run_direction import Side
from leeward.state_machines.components.apigateway_rest_api import RestApiComponent
from leeward.state_machines.diagnostics.problems import DocumentProblem
from leeward.state_machines.fields.field_types import Slug
from leeward.state_machines.fragments.actions.api_switches import IfUnreachable, switch_region
from leeward.state_machines.fragments.step_context import Fragment, StepContext
from leeward.state_machines.rules.step_scope import StepScope
from leeward.state_machines.step_kinds.step_effects import StepEffect, WriteFence
from leeward.state_machines.step_kinds.step_model import StepModel


class ApiFenceStep(StepModel):
    """Close a Region's API to writes. Reads continue, and acknowledged writes are kept.

    The fence is stored in the table, in the Region's own replica and in the other one. A Region that can't be reached
    gets the fence when its table has caught up.
    """

    kind: Literal["api.fence"]
    component: Slug = Field(description="The apigateway.rest_api component")
    in_: Side = Field("origin", alias="in", description="The Region: origin (default) or target")
    if_unreachable: IfUnreachable = Field(
        "defer", description="If that Region doesn't respond: fail, or defer until its table has caught up"
    )

    @property
    def effects(self) -> tuple[StepEffect, ...]:
        """Return what this step does to servers, traffic, and protection."""
        return (WriteFence(self.in_, (self.component,)),)


def check(step: ApiFenceStep, scope: StepScope) -> Iterator[DocumentProblem]:
    """Check that the API exists."""
    yield from scope.check_component(step.component, RestApiComponent, "component")


def compile(step: ApiFenceStep, context: StepContext) -> Fragment:
    """Build one poll loop."""
    comment = f"Close {context.run_regions.region(step.in_)} to writes"
    return switch_region(
        context, step.component, step.in_, writes="fenced", if_unreachable=step.if_unreachable, comment=comment
    )


def undo(step: ApiFenceStep, context: StepContext) -> Fragment:
    """Build one poll loop that opens the Region to writes again."""
    comment = f"Open {context.run_regions.region(step.in_)} to writes again"
    return switch_region(
        context, step.component, step.in_, writes="open", if_unreachable=step.if_unreachable, comment=comment
    )
