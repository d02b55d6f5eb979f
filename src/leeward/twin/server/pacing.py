"""Computes the virtual time that is due: real time times the pace, without a backlog after the machine was too slow."""

from __future__ import annotations

from dataclasses import dataclass

# The most real time that is made up for at once. After a laptop was closed for an hour, the clock does not jump.
_MAX_CATCH_UP_SECONDS = 0.25


@dataclass(slots=True)
class VirtualTimePacer:
    """`pace` is the virtual seconds per real second; 0 stops the clock.

    `last_real_time` is the last update, in seconds.
    """

    pace: float
    last_real_time: float
    due_seconds: float = 0.0

    def update(self, real_time: float) -> None:
        """Add the virtual time that is due at `real_time`."""
        elapsed, self.last_real_time = max(0.0, real_time - self.last_real_time), real_time
        limit = _MAX_CATCH_UP_SECONDS * self.pace
        self.due_seconds = min(self.due_seconds + elapsed * self.pace, limit)

    def spend(self, virtual_seconds: float) -> None:
        """Subtract virtual seconds that have passed."""
        self.due_seconds = max(0.0, self.due_seconds - virtual_seconds)

    def change_pace(self, pace: float, real_time: float) -> None:
        """Use another pace from now on. Raises ValueError for a negative or infinite pace."""
        if not 0 <= pace < float("inf"):
            raise ValueError(f"the pace must be 0 or more, not {pace}")
        self.update(real_time)
        self.pace, self.due_seconds = pace, 0.0
