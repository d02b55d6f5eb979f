"""What a step does, with its groups and Regions. Rules about whole runbooks ask for these and never for a kind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, TypeAlias

from leeward.kinds.descriptors.effects import Effect
from leeward.state_machines.application.run_direction import RunRegions, Side

Groups: TypeAlias = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StepEffect:
    """Base of the effects. `effect` is what the descriptor of the step's kind lists."""

    effect: ClassVar[Effect]


@dataclass(frozen=True, slots=True)
class GroupEffect(StepEffect):
    """Base of the effects on server groups in the Region on `side`."""

    groups: Groups
    side: Side

    def covers(self, group: str, side: Side) -> bool:
        """Return whether the effect is on this group on this side."""
        return self.side == side and group in self.groups


@dataclass(frozen=True, slots=True)
class Launch(GroupEffect):
    """Launches servers. `groups` is empty if the step launches servers that the document doesn't name."""

    effect: ClassVar[Effect] = Effect.LAUNCHES
    is_drill: bool

    def covers(self, group: str, side: Side) -> bool:
        """Return whether the step may launch this group on this side."""
        return self.side == side and (not self.groups or group in self.groups)


@dataclass(frozen=True, slots=True)
class OriginOverwrite(StepEffect):
    """Replaces what the groups' origin servers hold, so what users write there until then may be lost."""

    effect: ClassVar[Effect] = Effect.OVERWRITES_ORIGIN
    groups: Groups


@dataclass(frozen=True, slots=True)
class Reversal(GroupEffect):
    """Replicates the groups' instances on `side` to the other Region."""

    effect: ClassVar[Effect] = Effect.REVERSES
    is_drill: bool


@dataclass(frozen=True, slots=True)
class CopyWait(GroupEffect):
    """Waits until the copies on `side` are current. With `after_fence`, until they have everything written before."""

    effect: ClassVar[Effect] = Effect.AWAITS_COPIES
    after_fence: bool


@dataclass(frozen=True, slots=True)
class DrillEnd(GroupEffect):
    """Terminates the instances that a drill launched on `side`."""

    effect: ClassVar[Effect] = Effect.ENDS_DRILL


@dataclass(frozen=True, slots=True)
class CopyDiscard(GroupEffect):
    """Deletes the copies on `side` that a drill's reversal created."""

    effect: ClassVar[Effect] = Effect.DISCARDS_COPIES


@dataclass(frozen=True, slots=True)
class Removal(StepEffect):
    """Removes servers permanently. What runs on `serving_side` must be protected first. `participle` is the verb."""

    effect: ClassVar[Effect] = Effect.REMOVES_SERVERS
    groups: Groups
    serving_side: Side
    participle: str


@dataclass(frozen=True, slots=True)
class TargetChange(StepEffect):
    """Changes the targets of the load balancers on `side`."""

    effect: ClassVar[Effect] = Effect.CHANGES_TARGETS
    side: Side


@dataclass(frozen=True, slots=True)
class Registration(StepEffect):
    """Registers servers with the target group `components` in the Region on `side`."""

    effect: ClassVar[Effect] = Effect.REGISTERS_SERVERS
    side: Side
    components: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ServiceRestored(StepEffect):
    """Puts the Region on `side` back in service."""

    effect: ClassVar[Effect] = Effect.RESTORES_SERVICE
    side: Side


@dataclass(frozen=True, slots=True)
class UserMove(StepEffect):
    """Sends users to the Regions on `sides`, or to those in `regions`. With neither, users stay where they are."""

    effect: ClassVar[Effect] = Effect.MOVES_USERS
    sides: tuple[Side, ...] = ()
    regions: tuple[str, ...] = ()

    def enters(self, side: Side, run_regions: RunRegions) -> bool:
        """Return whether users are sent to the Region on this side."""
        return side in self.sides or run_regions.region(side) in self.regions


@dataclass(frozen=True, slots=True)
class ServiceCheck(StepEffect):
    """Checks that the Region on `side` serves. None is the Region that users are in, whichever that is."""

    effect: ClassVar[Effect] = Effect.CHECKS_SERVICE
    side: Side | None


@dataclass(frozen=True, slots=True)
class WriteFence(StepEffect):
    """Stops writes through the components in the Region on `side`."""

    effect: ClassVar[Effect] = Effect.FENCES_WRITES
    side: Side
    components: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WritesWait(StepEffect):
    """Waits until what was written to the table `component` has arrived on `side`."""

    effect: ClassVar[Effect] = Effect.AWAITS_WRITES
    side: Side
    component: str


@dataclass(frozen=True, slots=True)
class ApprovalQuestion(StepEffect):
    """Asks for approval. `silence_approves` says that no answer means approval."""

    effect: ClassVar[Effect] = Effect.ASKS_APPROVAL
    silence_approves: bool
