"""A step's failure, as the state machine caught it, put into one plain sentence."""

from __future__ import annotations

import json
from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict, Field

from leeward.common.errors import InvalidInput
from leeward.common.text import LONGEST_CAUSE, shortened


class Caught(BaseModel):
    """What a Catch put into $.error."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    error: str = Field(alias="Error")
    cause: str = Field(default="", alias="Cause")


class Branch(BaseModel):
    """How one branch of a wave ended."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    group: str
    outcome: str
    error: str | None = None
    cause: str | None = None


class Failure(BaseModel):
    """A failed step: the error's name and what happened, readable."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    step: str
    error: str
    cause: str


def of_error(step: str, caught: Caught) -> Failure:
    """The failure of a step whose one task failed."""
    return Failure(step=step, error=caught.error, cause=shorten(message_of(caught.error, caught.cause)))


def of_branches(step: str, branches: Sequence[Branch]) -> Failure:
    """The failure of a step whose groups ran side by side. Raises InvalidInput when none of them failed."""
    failed = [b for b in branches if b.outcome != "done"]
    if not failed:
        raise InvalidInput(f"the failure of {step} was to be recorded, but every branch is done")
    told = [f"{b.group}: {message_of(b.error or 'Unknown', b.cause or '')}" for b in failed]
    # Where branches failed differently, the first names the step's error and the cause tells of all.
    return Failure(step=step, error=failed[0].error or "Unknown", cause=shorten("; ".join(told)))


def message_of(error: str, cause: str) -> str:
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


def plain_cause(cause: str | None) -> str | None:
    """An execution's cause as a person reads it: that of one which ends with a function's error is Lambda's JSON."""
    return message_of("", cause) if cause else cause


def shorten(text: str) -> str:
    """At most as long as a run's state may carry."""
    return shortened(text, LONGEST_CAUSE)
