"""`on_failure`: what a run does when a step fails."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Self

from pydantic import BeforeValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from leeward.state_machines.fields.field_types import DocumentModel

DEFAULT_RETRIES, MAX_RETRIES = 2, 10


class OnFailure(StrEnum):
    """What follows a failure when no retries are left."""

    STOP = "stop"
    ASK = "ask"
    CONTINUE = "continue"
    UNDO = "undo"


POLICY_WORDS = ("stop", "retry", "ask", "continue", "undo")


def _parse_then(value: object) -> object:
    if value not in tuple(OnFailure):
        raise PydanticCustomError("word", '"{got}" is not a failure policy', {"got": value, "words": list(OnFailure)})
    return value


class FailurePolicy(DocumentModel):
    """Retries the step `retry` times, then does `then`. Written as one word, or as {retry: 2, then: ask}."""

    retry: Annotated[int, Field(ge=0, le=MAX_RETRIES)] = Field(
        DEFAULT_RETRIES, description="How many times the step is retried"
    )
    then: Annotated[OnFailure, BeforeValidator(_parse_then)] = Field(
        OnFailure.STOP, description="What follows when no retries are left"
    )

    @classmethod
    def from_word(cls, word: str) -> Self:
        """Return the policy for a single word. `retry` means two retries, and then stop."""
        if word == "retry":
            return cls(retry=DEFAULT_RETRIES, then=OnFailure.STOP)
        return cls(retry=0, then=OnFailure(word))

    def __str__(self) -> str:
        return f"retry {self.retry}, then {self.then}" if self.retry else str(self.then)


def _parse_policy(value: object) -> object:
    if isinstance(value, dict | FailurePolicy):
        return value
    if not isinstance(value, str) or value not in POLICY_WORDS:
        raise PydanticCustomError(
            "word", '"{got}" is not a failure policy', {"got": value, "words": list(POLICY_WORDS)}
        )
    return FailurePolicy.from_word(value)


PolicyField = Annotated[
    FailurePolicy,
    BeforeValidator(_parse_policy),
    WithJsonSchema(
        {
            "anyOf": [
                {"enum": list(POLICY_WORDS)},
                {
                    "type": "object",
                    "additionalProperties": False,
                    "properties": {
                        "retry": {"type": "integer", "minimum": 0, "maximum": MAX_RETRIES},
                        "then": {"enum": list(OnFailure)},
                    },
                },
            ]
        }
    ),
]
