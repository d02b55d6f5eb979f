"""Where an execution stands: the state that each of its programs (the machine, and each branch of a Parallel) is in.

Kept so that an execution that ended can be redriven: it goes on from the states that did not succeed, with the input
that they had. May be imported by `twin.engine` alone.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from leeward.twin.errors import TwinError


@dataclass(slots=True)
class ProgramPosition:
    """One program. `before` is where it stood when the execution ended, until it has gone on from there."""

    resume_from: ProgramPosition | None = None
    state_name: str | None = None
    state_input: Any = None
    branches: list[ProgramPosition] = field(default_factory=list)
    # Of the state that is gone on with: what its branches stood at.
    earlier_branches: list[ProgramPosition] = field(default_factory=list)
    has_ended: bool = False
    output: Any = None
    # The state that is gone on with is not entered a second time.
    skips_entered_event: bool = False

    def enter_state(self, state_name: str, state_input: Any) -> None:
        """The program comes to a state."""
        before, self.resume_from = self.resume_from, None
        self.skips_entered_event = before is not None and before.state_name == state_name
        self.earlier_branches = before.branches if before is not None and self.skips_entered_event else []
        self.state_name, self.state_input, self.branches = state_name, state_input, []

    def begin_branches(self) -> None:
        """The state's branches begin, for the first time or because a Retry says so."""
        if self.branches:
            self.earlier_branches = []  # what was done before the redrive is done again with the whole state
        self.branches = []

    def add_branch(self) -> ProgramPosition:
        """The next branch's own place."""
        number = len(self.branches)
        made = ProgramPosition(
            resume_from=self.earlier_branches[number] if number < len(self.earlier_branches) else None
        )
        self.branches.append(made)
        return made

    def record_end(self, output: Any) -> None:
        """The program came to its end, and succeeded."""
        self.has_ended, self.output = True, output


def get_position(environment: Any) -> ProgramPosition:
    """The place of the program that the interpreter's `environment` (moto's, untyped) belongs to."""
    found = environment.__dict__.get("twin_place")
    if not isinstance(found, ProgramPosition):
        raise TwinError("an environment of the interpreter was made behind the twin's back")
    return found


def set_position(environment: Any, position: ProgramPosition) -> None:
    """Say where the program of `environment` stands."""
    environment.__dict__["twin_place"] = position
