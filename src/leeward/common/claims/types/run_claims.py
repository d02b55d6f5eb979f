"""Claims about the run itself, and the claim that plug-ins use."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from leeward.common.claims.types.claim import Claim


class Ready(Claim):
    """The run can succeed. Losses are in seconds, by group. `routing_controls` has the states before any change.

    `warnings` are problems that don't stop the run.
    """

    claim: Literal["ready"] = "ready"
    servers: int
    worst_loss_seconds: int | None
    loss_seconds: dict[str, int | None]
    routing_controls: dict[str, str] = Field(default_factory=dict)
    warnings: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """Return how many servers are ready, the expected data loss, and the warnings."""
        worst = "unknown" if self.worst_loss_seconds is None else self.worst_loss_seconds
        ready = f"{self.servers} servers ready, worst expected data loss {worst} s"
        return "; ".join((ready, *(f"warning: {warning}" for warning in self.warnings)))


class Locked(Claim):
    """The run holds the application's lock. `waived_in` is a Region that did not respond, so the lock was waived."""

    claim: Literal["locked"] = "locked"
    application: str
    taken_from: str | None = None
    waived_in: str | None = None

    @property
    def text(self) -> str:
        """Return who holds the lock."""
        if self.waived_in is not None:
            unreachable = f"{self.waived_in} does not answer, and its lock is waived"
            return f"this run continues without the lock of {self.application}: {unreachable}"
        takeover = f", taken over from {self.taken_from}" if self.taken_from else ""
        return f"this run holds the lock of {self.application}{takeover}"


class Notified(Claim):
    """A message was sent to operators."""

    claim: Literal["notified"] = "notified"
    message: str

    @property
    def text(self) -> str:
        """Return the message."""
        return f"sent: {self.message}"


class Unsent(Claim):
    """A message to operators could not be sent. The journal has it, and a later message of the run sends it first."""

    claim: Literal["unsent"] = "unsent"
    message: str
    error: str

    @property
    def text(self) -> str:
        """Return the message, and why it was not sent."""
        return f"not sent, recorded for a later try: {self.message} ({self.error})"


class Changed(Claim):
    """A resource has a new state: what a plug-in's step reports when no other claim fits."""

    claim: Literal["changed"] = "changed"
    resource: str
    region: str
    state: str

    @property
    def text(self) -> str:
        """Return the resource's state."""
        return f"{self.resource} in {self.region} {self.state}"
