"""How much virtual time is due: real time times the pace, with no debts from when the machine could not keep up."""

from __future__ import annotations

from dataclasses import dataclass

# The most real time that is made up for at once: a laptop that was closed for an hour does not leap.
_MOST_REAL_SECONDS = 0.25


@dataclass(slots=True)
class Pacer:
    """`pace` virtual seconds pass in a real second; 0 stands still. `seen` is the real time, in seconds, last heard."""

    pace: float
    seen: float
    due: float = 0.0

    def hear(self, real: float) -> None:
        """It is now `real`."""
        gone, self.seen = max(0.0, real - self.seen), real
        most = _MOST_REAL_SECONDS * self.pace
        self.due = min(self.due + gone * self.pace, most)

    def spend(self, virtual: float) -> None:
        """So many virtual seconds have passed."""
        self.due = max(0.0, self.due - virtual)

    def change(self, pace: float, real: float) -> None:
        """From now on at `pace`. Raises ValueError below 0."""
        if not 0 <= pace < float("inf"):
            raise ValueError(f"a pace is 0 or more, not {pace}")
        self.hear(real)
        self.pace, self.due = pace, 0.0
