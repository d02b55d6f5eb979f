"""The parts of the engine that interception needs. The engine passes them in, because interception can't import it."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol


class EngineContext(Protocol):
    """The parts of the engine that interception needs."""

    def now(self) -> datetime:
        """Return the virtual time."""
        ...

    def sleep(self, seconds: float) -> None:
        """Let virtual time pass for the caller."""
        ...

    def check_caller(self) -> None:
        """Raise an error if the calling thread is not part of the simulation, or if its function has timed out."""
        ...

    def calling_function(self) -> str | None:
        """Return the function whose handler makes the call, or None for the engine itself and for actors."""
        ...

    def calling_state(self) -> str:
        """Return the name of the state that invoked the calling function, or an empty string if no state did."""
        ...
