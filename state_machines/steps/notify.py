"""`notify`: tell the team."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from leeward.state_machines.asl import JsonObject
from leeward.state_machines.fields.field_types import ShortText
from leeward.state_machines.fragments.patterns.single_action import build_single_call
from leeward.state_machines.fragments.step_context import Fragment, StepContext
from leeward.state_machines.steps.step_kind import StepKind, StepModel

# Amazon SNS takes a subject of ASCII only, and of at most 100 characters (SNS API Reference, Publish).
_MAX_SUBJECT_LENGTH = 100


class NotifyStep(StepModel):
    """Send a message to the topic that the team reads."""

    kind: Literal["notify"]
    message: ShortText = Field(description="What the team is told")


def compile(step: NotifyStep, context: StepContext) -> Fragment:
    """One call."""
    about = step.name if step.name.isascii() else context.step.id
    subject = f"{context.application.application}: {about}"[:_MAX_SUBJECT_LENGTH]
    parameters: JsonObject = {"message": step.message, "subject": subject}
    return build_single_call(context, "notify", parameters, "Tell the team")


KIND = StepKind(NotifyStep, compile)
