"""`notify`: tell the team."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from leeward.state_machines.asl import JsonObject
from leeward.state_machines.compile.context import Context, Fragment
from leeward.state_machines.compile.single import one_call
from leeward.state_machines.documents.fields import Line
from leeward.state_machines.steps.base import StepKind, StepModel

# Amazon SNS takes a subject of ASCII only, and of at most 100 characters (SNS API Reference, Publish).
_SUBJECT_LENGTH = 100


class Notify(StepModel):
    """Send a message to the topic that the team reads."""

    kind: Literal["notify"]
    message: Line = Field(description="What the team is told")


def compile(step: Notify, context: Context) -> Fragment:
    """One call."""
    about = step.name if step.name.isascii() else context.step.id
    subject = f"{context.application.application}: {about}"[:_SUBJECT_LENGTH]
    parameters: JsonObject = {"message": step.message, "subject": subject}
    return one_call(context, "notify", parameters, "Tell the team")


KIND = StepKind(Notify, compile)
