"""A state machine definition and its JSON text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from leeward.state_machines.asl.serialization.json_text import to_json_text
from leeward.state_machines.asl.serialization.json_types import JsonObject
from leeward.state_machines.asl.states import State


@dataclass(frozen=True, slots=True)
class StateMachine:
    """A Step Functions definition. The states are in the order of the runbook."""

    comment: str
    start_at: str
    timeout_seconds: int
    states: Mapping[str, State]

    def to_json(self) -> JsonObject:
        """Return the definition as JSON values."""
        return {
            "Comment": self.comment,
            "StartAt": self.start_at,
            "TimeoutSeconds": self.timeout_seconds,
            "States": {name: state.to_json() for name, state in self.states.items()},
        }

    def to_text(self) -> str:
        """Return the text of the committed file. Equal values give equal bytes."""
        return to_json_text(self.to_json())
