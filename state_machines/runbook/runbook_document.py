"""Pydantic model of a runbook: the ordered steps for one application."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from leeward.state_machines.application.application_document import VariantName
from leeward.state_machines.application.run_direction import RunDirection
from leeward.state_machines.fields.field_types import DocumentModel, Duration, ShortText, Slug
from leeward.state_machines.runbook.triggers import Triggers
from leeward.state_machines.step_kinds.any_step import AnyStep


class Runbook(DocumentModel):
    """A named, ordered list of steps, and the direction of the run."""

    runbook: Slug = Field(description="The runbook's name, equal to the name of its file")
    application: Slug = Field(description="The application's name, equal to the name of its folder")
    description: ShortText | None = Field(None, description="A short description of the runbook")
    direction: Annotated[RunDirection, Field(strict=False)] = Field(
        description="failover: from the primary to the standby Region; failback: from the standby to the primary"
    )
    routing: Annotated[tuple[VariantName, ...], Field(min_length=1)] | None = Field(
        None, description="The routing variants that the runbook belongs to. By default, all of them"
    )
    drill: bool = Field(
        False, description="Whether the runbook is a drill, which affects no users and leaves everything as it was"
    )
    timeout: Duration = Field(description="How long the whole run may take, such as 2h")
    triggers: Triggers | None = Field(None, description="What starts the runbook automatically: an alarm or a schedule")
    steps: Annotated[tuple[AnyStep, ...], Field(min_length=1, max_length=50)] = Field(description="The steps, in order")
