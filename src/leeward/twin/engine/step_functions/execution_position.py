"""The position of an execution: the current state of each of its programs (the machine, and each branch of a Parallel).

A redrive uses it to resume an execution from the states that did not succeed, with their original input. Only
`twin.engine` may import this module.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from leeward.twin.errors import TwinError


@dataclass(slots=True)
class ProgramPosition:
    """The position of one program. `resume_from` is its position when the execution ended, until it has resumed."""

    resume_from: ProgramPosition | None = None
    state_name: str | None = None
    state_input: Any = None
    branches: list[ProgramPosition] = field(default_factory=list)
    # The positions of the resumed state's branches when the execution ended.
    earlier_branches: list[ProgramPosition] = field(default_factory=list)
    has_ended: bool = False
    output: Any = None
    # True when the current state is resumed, so that no second event for entering it is added.
    skips_entered_event: bool = False

    def enter_state(self, state_name: str, state_input: Any) -> None:
        """Record that the program enters a state."""
        previous, self.resume_from = self.resume_from, None
        self.skips_entered_event = previous is not None and previous.state_name == state_name
        self.earlier_branches = previous.branches if previous is not None and self.skips_entered_event else []
        self.state_name, self.state_input, self.branches = state_name, state_input, []

    def begin_branches(self) -> None:
        """Record that the state's branches begin, for the first time or because of a Retry."""
        if self.branches:
            self.earlier_branches = []  # a Retry runs all branches again, even those that had succeeded
        self.branches = []

    def add_branch(self) -> ProgramPosition:
        """Return the position of the next branch."""
        number = len(self.branches)
        branch = ProgramPosition(
            resume_from=self.earlier_branches[number] if number < len(self.earlier_branches) else None
        )
        self.branches.append(branch)
        return branch

    def record_end(self, output: Any) -> None:
        """Record that the program succeeded."""
        self.has_ended, self.output = True, output


def get_position(environment: Any) -> ProgramPosition:
    """Return the position of the program to which the interpreter's `environment` (moto's, untyped) belongs."""
    position = environment.__dict__.get("twin_position")
    if not isinstance(position, ProgramPosition):
        raise TwinError(
            "the interpreter created an environment without a position: check the patches in redrive_evaluation"
        )
    return position


def set_position(environment: Any, position: ProgramPosition) -> None:
    """Set the position of the program to which `environment` belongs."""
    environment.__dict__["twin_position"] = position
