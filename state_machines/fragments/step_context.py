"""What a step's module is told, and what it gives back."""

from __future__ import annotations

from dataclasses import dataclass, replace

from leeward.state_machines.application.application_document import Application
from leeward.state_machines.application.run_direction import RunRegions
from leeward.state_machines.asl import Json, JsonObject, States
from leeward.state_machines.fragments.state_names import StateNames


@dataclass(frozen=True, slots=True)
class StepIdentity:
    """The step as every one of its tasks is told of it."""

    id: str
    name: str
    kind: str

    def to_json(self) -> JsonObject:
        """The payload's `step`."""
        return {"id": self.id, "name": self.name, "kind": self.kind, "attempt.$": f"$.attempts.{self.id}"}


@dataclass(frozen=True, slots=True)
class StepExits:
    """The states at which a fragment may end.

    `failed` expects {Error, Cause} at `$.error`, or lanes' outcomes at `$.wave.lanes`: the step's policy decides.
    `unforeseen` expects `$.error`, and stops the run where it is, with the lock held. `halt` does the same for a
    fragment that has put `$.failure` itself.
    """

    done: str
    failed: str
    unexpected: str
    halt: str


@dataclass(frozen=True, slots=True)
class StepContext:
    """One step, where it stands in the machine, and what surrounds it. Its first state must be called `entry`."""

    application: Application
    run_regions: RunRegions
    state_names: StateNames
    step: StepIdentity
    entry: str
    exits: StepExits
    timeout_seconds: int
    policy: str

    def new_state_name(self, suffix: str) -> str:
        """A new state's name: the step's own, then `: suffix`."""
        return self.state_names.reserve(self.step.name, f": {suffix}")

    def with_entry(self, entry: str, exits: StepExits) -> StepContext:
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
    if_unrecorded: str | None = None

    def failure_json(self) -> dict[str, Json]:
        """The members of record_failure's parameters that say what failed."""
        return dict([self.failure])
