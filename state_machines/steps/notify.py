"""`notify`: send a message to the team."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from leeward.state_machines.asl import JsonObject
from leeward.state_machines.fields.field_types import ShortText
from leeward.state_machines.fragments.patterns.single_action import build_short_wait
from leeward.state_machines.fragments.step_context import Fragment, StepContext
from leeward.state_machines.step_kinds.step_model import StepModel

# Amazon SNS accepts only ASCII subjects of at most 100 characters (SNS API Reference, Publish).
_MAX_SUBJECT_LENGTH = 100


class NotifyStep(StepModel):
    """Send a message to the team's notification topic."""

    kind: Literal["notify"]
    message: ShortText = Field(description="The message to the team")


def compile(step: NotifyStep, context: StepContext) -> Fragment:
    """Build a poll loop."""
    title = step.name if step.name.isascii() else context.step.id
    subject = f"{context.application.application}: {title}"[:_MAX_SUBJECT_LENGTH]
    parameters: JsonObject = {"message": step.message, "subject": subject}
    return build_short_wait(context, "notify", parameters, "Notify the team")
