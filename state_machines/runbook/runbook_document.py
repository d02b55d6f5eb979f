"""A runbook: the ordered steps of one application."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from leeward.state_machines.application.application_document import VariantName
from leeward.state_machines.application.run_direction import RunDirection
from leeward.state_machines.fields.field_types import DocumentModel, Duration, ShortText, Slug
from leeward.state_machines.runbook.triggers import Triggers
from leeward.state_machines.steps import AnyStep


class Runbook(DocumentModel):
    """A named, ordered list of steps, and which way it goes."""

    runbook: Slug = Field(description="The runbook's name, as its file is called")
    application: Slug = Field(description="The application's name, as its folder is called")
    description: ShortText | None = Field(None, description="What it does, for readers")
    direction: Annotated[RunDirection, Field(strict=False)] = Field(
        description="failover: from the primary Region to the standby; failback: the other way"
    )
    routing: Annotated[tuple[VariantName, ...], Field(min_length=1)] | None = Field(
        None, description="Of which of the application's routing variants it is; by default of every one"
    )
    timeout: Duration = Field(description="How long the whole run may take, such as 2h")
    triggers: Triggers | None = Field(None, description="What starts it besides a person: an alarm, a schedule")
    steps: Annotated[tuple[AnyStep, ...], Field(min_length=1, max_length=50)] = Field(description="The steps, in order")
