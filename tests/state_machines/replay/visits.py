"""The visits of recorded executions to states: what a state got, and what followed it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from tests.state_machines.replay.recordings import Recording

Asl = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Visit:
    """One visit of a recorded execution to a state.

    - `state`: the state's definition. `siblings` are the other states of its machine.
    - `following`: the next state, or None after the last one.
    - `attempts`: the invocations of a Task state.
    """

    recording: Recording
    name: str
    state: Asl
    siblings: tuple[str, ...]
    following: str | None
    following_input: Any
    attempts: tuple[dict[str, Any], ...]

    @property
    def has_succeeded(self) -> bool:
        """Return whether the state was left through its Next."""
        is_done = all(attempt["outcome"] == "succeeded" for attempt in self.attempts[-1:])
        return is_done and self.following is not None and self.following == self.state.get("Next")

    @property
    def caught_error(self) -> str | None:
        """Return the error that a Catch has caught, if the state was left through it."""
        last = self.attempts[-1] if self.attempts else None
        if last is None or last["outcome"] == "succeeded" or self.following is None:
            return None
        return str(last["error"])

    @property
    def retried_errors(self) -> tuple[str, ...]:
        """Return the errors after which the task was invoked again."""
        return tuple(str(attempt["error"]) for attempt in self.attempts[:-1])


def list_visits(recording: Recording, definition: Asl) -> Iterator[Visit]:
    """Yield the visits of an execution, in their order."""
    states = definition["States"]
    counts: defaultdict[str, int] = defaultdict(int)
    for entered, following in zip_longest(recording.states, recording.states[1:]):
        name = entered["name"]
        counts[name] += 1
        attempts = tuple(each for each in recording.tasks.get(name, ()) if each["visit"] == counts[name])
        siblings = tuple(other for other in states if other != name)
        after, after_input = (following["name"], following["input"]) if following else (None, None)
        yield Visit(recording, name, states[name], siblings, after, after_input, attempts)
