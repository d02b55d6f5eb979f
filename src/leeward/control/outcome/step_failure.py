"""Converts a step failure that the state machine caught into an error name and a readable cause."""

from __future__ import annotations

import json

from pydantic import BaseModel, ConfigDict, Field

from leeward.common.text_limits import MAX_CAUSE_BYTES, truncate_text


class CaughtError(BaseModel):
    """The error that a Catch stored in $.error."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    error: str = Field(alias="Error")
    cause: str = Field(default="", alias="Cause")


class StepFailure(BaseModel):
    """A failed step, the error's name, and a readable cause."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    step: str
    error: str
    cause: str


def failure_from_error(step: str, caught: CaughtError) -> StepFailure:
    """Return the failure of a step."""
    return StepFailure(step=step, error=caught.error, cause=truncate_cause(error_message(caught.error, caught.cause)))


def error_message(error: str, cause: str) -> str:
    """Return the message in a Cause. Lambda sends JSON with errorMessage; a Fail or Pass state sends plain text."""
    try:
        parsed: object = json.loads(cause)
    except ValueError:
        parsed = None
    if isinstance(parsed, dict) and "errorMessage" in parsed:
        return str(parsed["errorMessage"]) or error
    if cause:
        return cause
    return "no response arrived within the step's time" if error == "States.Timeout" else error


def readable_cause(cause: str | None) -> str | None:
    """Return an execution's cause as readable text. If a function's error ended the execution, it is Lambda's JSON."""
    return error_message("", cause) if cause else cause


def truncate_cause(text: str) -> str:
    """Truncate `text` to the length that the state of a run may contain."""
    return truncate_text(text, MAX_CAUSE_BYTES)
