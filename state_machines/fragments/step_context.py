"""What a step kind's module receives to build its states, and what it returns."""

from __future__ import annotations

from dataclasses import dataclass, replace

from leeward.state_machines.application.application_document import Application
from leeward.state_machines.application.run_direction import RunRegions
from leeward.state_machines.asl import JsonObject, States
from leeward.state_machines.fragments.state_names import StateNames


@dataclass(frozen=True, slots=True)
class StepIdentity:
    """The step's ID, name, and kind, which every task of the step receives. A task that undoes it gets `undo: true`."""

    id: str
    name: str
    kind: str
    is_undo: bool = False

    def to_json(self) -> JsonObject:
        """Return the payload's `step`."""
        identity: JsonObject = {"id": self.id, "name": self.name, "kind": self.kind}
        identity["attempt.$"] = f"$.attempts.{self.id}"
        return identity | ({"undo": True} if self.is_undo else {})


@dataclass(frozen=True, slots=True)
class NextStep:
    """The following step: its ID, its first state, and the state in front of it that skips it if the input says so."""

    id: str
    entry: str
    gate: str


@dataclass(frozen=True, slots=True)
class StepExits:
    """The states that may follow a fragment. `done` is the following step, and its gate if that can be skipped.

    `failed` and `unexpected` expect {Error, Cause} at `$.error`. After `failed`, the step's policy decides what happens
    next. `unexpected` stops the run with the lock held. A fragment that ends with a Choice can go to `next_step`
    without its gate.
    """

    done: str
    failed: str
    unexpected: str
    next_step: NextStep | None = None


@dataclass(frozen=True, slots=True)
class StepContext:
    """One step, its application, and its neighbors in the machine. The step's first state must be called `entry`."""

    application: Application
    run_regions: RunRegions
    state_names: StateNames
    step: StepIdentity
    entry: str
    exits: StepExits
    timeout_seconds: int
    policy: str

    def new_state_name(self, suffix: str) -> str:
        """Reserve a state name that consists of the step's name and `: suffix`."""
        return self.state_names.reserve(self.step.name, f": {suffix}")

    def with_entry(self, entry: str, exits: StepExits) -> StepContext:
        """Return the same step with another entry and other exits, for one of several parts in sequence."""
        return replace(self, entry=entry, exits=exits)

    def as_undo(self) -> StepContext:
        """Return the context of the states that undo the step."""
        return replace(self, step=replace(self.step, is_undo=True))


@dataclass(frozen=True, slots=True)
class Fragment:
    """A step's states."""

    states: States
