"""Converts a step failure that the state machine caught into an error name and a readable cause."""

from __future__ import annotations

import json
from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict, Field

from leeward.common.errors import InvalidInput
from leeward.common.text_limits import MAX_CAUSE_BYTES, truncate_text


class CaughtError(BaseModel):
    """The error that a Catch stored in $.error."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    error: str = Field(alias="Error")
    cause: str = Field(default="", alias="Cause")


class BranchResult(BaseModel):
    """How one branch of a wave ended."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    group: str
    outcome: str
    error: str | None = None
    cause: str | None = None


class StepFailure(BaseModel):
    """A failed step, the error's name, and a readable cause."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    step: str
    error: str
    cause: str


def failure_from_error(step: str, caught: CaughtError) -> StepFailure:
    """Return the failure of a step with a single task."""
    return StepFailure(step=step, error=caught.error, cause=truncate_cause(error_message(caught.error, caught.cause)))


def failure_from_branches(step: str, branches: Sequence[BranchResult]) -> StepFailure:
    """Return the failure of a step whose groups ran in parallel. Raises InvalidInput when none of them failed."""
    failed = [b for b in branches if b.outcome != "done"]
    if not failed:
        raise InvalidInput(f"step {step} has no failure to record: every branch is done")
    messages = [f"{b.group}: {error_message(b.error or 'Unknown', b.cause or '')}" for b in failed]
    # If branches failed differently, the step gets the first branch's error, and the cause lists all of them.
    return StepFailure(step=step, error=failed[0].error or "Unknown", cause=truncate_cause("; ".join(messages)))


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
