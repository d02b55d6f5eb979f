"""A step's failure, as the state machine caught it, put into one plain sentence."""

from __future__ import annotations

import json
from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict, Field

from leeward.common.errors import InvalidInput
from leeward.common.text_limits import MAX_CAUSE_BYTES, truncate_text


class CaughtError(BaseModel):
    """What a Catch put into $.error."""

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
    """A failed step: the error's name and what happened, readable."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    step: str
    error: str
    cause: str


def failure_from_error(step: str, caught: CaughtError) -> StepFailure:
    """The failure of a step whose one task failed."""
    return StepFailure(step=step, error=caught.error, cause=truncate_cause(error_message(caught.error, caught.cause)))


def failure_from_branches(step: str, branches: Sequence[BranchResult]) -> StepFailure:
    """The failure of a step whose groups ran side by side. Raises InvalidInput when none of them failed."""
    failed = [b for b in branches if b.outcome != "done"]
    if not failed:
        raise InvalidInput(f"the failure of {step} was to be recorded, but every branch is done")
    told = [f"{b.group}: {error_message(b.error or 'Unknown', b.cause or '')}" for b in failed]
    # Where branches failed differently, the first names the step's error and the cause tells of all.
    return StepFailure(step=step, error=failed[0].error or "Unknown", cause=truncate_cause("; ".join(told)))


def error_message(error: str, cause: str) -> str:
    """The message inside a Cause: Lambda sends JSON with errorMessage, a Fail or a Pass sends plain text."""
    try:
        parsed: object = json.loads(cause)
    except ValueError:
        parsed = None
    if isinstance(parsed, dict) and "errorMessage" in parsed:
        return str(parsed["errorMessage"]) or error
    if cause:
        return cause
    return "no answer came within the step's time" if error == "States.Timeout" else error


def readable_cause(cause: str | None) -> str | None:
    """An execution's cause as a person reads it: that of one which ends with a function's error is Lambda's JSON."""
    return error_message("", cause) if cause else cause


def truncate_cause(text: str) -> str:
    """At most as long as a run's state may carry."""
    return truncate_text(text, MAX_CAUSE_BYTES)
