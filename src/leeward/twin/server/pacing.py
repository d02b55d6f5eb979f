"""How much virtual time is due: real time times the pace, with no debts from when the machine could not keep up."""

from __future__ import annotations

from dataclasses import dataclass

# The most real time that is made up for at once: a laptop that was closed for an hour does not leap.
_MAX_CATCH_UP_SECONDS = 0.25


@dataclass(slots=True)
class VirtualTimePacer:
    """`pace` virtual seconds pass in a real second; 0 stands still. `seen` is the real time, in seconds, last heard."""

    pace: float
    last_real_time: float
    due_seconds: float = 0.0

    def update(self, real_time: float) -> None:
        """It is now `real`."""
        gone, self.last_real_time = max(0.0, real_time - self.last_real_time), real_time
        most = _MAX_CATCH_UP_SECONDS * self.pace
        self.due_seconds = min(self.due_seconds + gone * self.pace, most)

    def spend(self, virtual_seconds: float) -> None:
        """So many virtual seconds have passed."""
        self.due_seconds = max(0.0, self.due_seconds - virtual_seconds)

    def change_pace(self, pace: float, real_time: float) -> None:
        """From now on at `pace`. Raises ValueError below 0."""
        if not 0 <= pace < float("inf"):
            raise ValueError(f"a pace is 0 or more, not {pace}")
        self.update(real_time)
        self.pace, self.due_seconds = pace, 0.0
