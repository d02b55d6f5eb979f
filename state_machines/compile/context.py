"""What a step's module is told, and what it gives back."""

from __future__ import annotations

from dataclasses import dataclass, replace

from leeward.state_machines.asl import Json, JsonObject, States
from leeward.state_machines.compile.names import Names
from leeward.state_machines.documents.application import Application
from leeward.state_machines.documents.direction import Way


@dataclass(frozen=True, slots=True)
class StepRef:
    """The step as every one of its tasks is told of it."""

    id: str
    name: str
    kind: str

    def to_json(self) -> JsonObject:
        """The payload's `step`."""
        return {"id": self.id, "name": self.name, "kind": self.kind, "attempt.$": f"$.attempts.{self.id}"}


@dataclass(frozen=True, slots=True)
class Exits:
    """The states at which a fragment may end.

    `failed` expects {Error, Cause} at `$.error`, or lanes' outcomes at `$.wave.lanes`: the step's policy decides.
    `unforeseen` expects `$.error`, and stops the run where it is, with the lock held. `halt` does the same for a
    fragment that has put `$.failure` itself.
    """

    done: str
    failed: str
    unforeseen: str
    halt: str


@dataclass(frozen=True, slots=True)
class Context:
    """One step, where it stands in the machine, and what surrounds it. Its first state must be called `entry`."""

    application: Application
    way: Way
    names: Names
    step: StepRef
    entry: str
    exits: Exits
    timeout_seconds: int
    policy: str

    def name(self, suffix: str) -> str:
        """A new state's name: the step's own, then `: suffix`."""
        return self.names.take(self.step.name, f": {suffix}")

    def entering(self, entry: str, exits: Exits) -> Context:
        """The same step with another entry and other ends, for one of several parts in a row."""
        return replace(self, entry=entry, exits=exits)


@dataclass(frozen=True, slots=True)
class Fragment:
    """A step's states.

    `failure` is what record_failure is told: the error, or the lanes' outcomes. `unrecorded` is where the run goes when
    even that cannot be written down; None is the step's `unforeseen`.
    """

    states: States
    failure: tuple[str, str] = ("error.$", "$.error")
    unrecorded: str | None = None

    def failure_json(self) -> dict[str, Json]:
        """The members of record_failure's parameters that say what failed."""
        return dict([self.failure])
