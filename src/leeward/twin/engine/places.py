"""Where an execution stands: the state that each of its programs (the machine, and each branch of a Parallel) is in.

Kept so that an execution that ended can be redriven: it goes on from the states that did not succeed, with the input
that they had. May be imported by `twin.engine` alone.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from leeward.twin.errors import TwinError


@dataclass(slots=True)
class Place:
    """One program. `before` is where it stood when the execution ended, until it has gone on from there."""

    before: Place | None = None
    state: str | None = None
    given: Any = None
    branches: list[Place] = field(default_factory=list)
    # Of the state that is gone on with: what its branches stood at.
    earlier: list[Place] = field(default_factory=list)
    ended: bool = False
    output: Any = None
    # The state that is gone on with is not entered a second time.
    silent: bool = False

    def enter(self, state: str, given: Any) -> None:
        """The program comes to a state."""
        before, self.before = self.before, None
        self.silent = before is not None and before.state == state
        self.earlier = before.branches if before is not None and self.silent else []
        self.state, self.given, self.branches = state, given, []

    def fork(self) -> None:
        """The state's branches begin, for the first time or because a Retry says so."""
        if self.branches:
            self.earlier = []  # what was done before the redrive is done again with the whole state
        self.branches = []

    def branch(self) -> Place:
        """The next branch's own place."""
        number = len(self.branches)
        made = Place(before=self.earlier[number] if number < len(self.earlier) else None)
        self.branches.append(made)
        return made

    def end(self, output: Any) -> None:
        """The program came to its end, and succeeded."""
        self.ended, self.output = True, output


def place_of(environment: Any) -> Place:
    """The place of the program that the interpreter's `environment` (moto's, untyped) belongs to."""
    found = environment.__dict__.get("twin_place")
    if not isinstance(found, Place):
        raise TwinError("an environment of the interpreter was made behind the twin's back")
    return found


def put_place(environment: Any, place: Place) -> None:
    """Say where the program of `environment` stands."""
    environment.__dict__["twin_place"] = place
