"""What the steps before one have done, for rules about their order.

A step that continues after its failure proves nothing. A plug-in's step whose kind has an effect but doesn't say where
or on what counts for every place, so that a rule never rejects what it can't judge.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from leeward.state_machines.application.application_document import Application
from leeward.state_machines.application.run_direction import RunRegions
from leeward.state_machines.components.alb_target_group import TargetGroupComponent
from leeward.state_machines.diagnostics.document_locations import DocumentLocation
from leeward.state_machines.fields.failure_policy import OnFailure
from leeward.state_machines.runbook.runbook_document import Runbook
from leeward.state_machines.step_kinds.step_behavior import has_effect
from leeward.state_machines.step_kinds.step_effects import Launch, ServiceRestored, StepEffect, UserMove
from leeward.state_machines.step_kinds.step_model import StepModel

E = TypeVar("E", bound=StepEffect)


@dataclass(frozen=True, slots=True)
class Move:
    """A step that sends users to the target Region, and its place among the steps of the runbook."""

    index: int
    step: StepModel
    steps: Sequence[StepModel]
    location: DocumentLocation

    @property
    def before(self) -> Sequence[StepModel]:
        """Return the steps before it."""
        return self.steps[: self.index]

    def launched_groups(self, application: Application) -> dict[str, int]:
        """Return the server groups that an earlier step launches in the target Region, with that step's index."""
        groups: dict[str, int] = {}
        for index, step in enumerate(self.before):
            launch = step.find_effect(Launch)
            if launch is not None and launch.side == "target" and not launch.is_drill:
                # A recovery plan launches servers that the document doesn't name.
                names = launch.groups or [group for _, group in _served_groups(application)]
                groups |= dict.fromkeys(names, index)
        return groups

    def target_groups(self, application: Application) -> list[tuple[str, str]]:
        """Return the target group components that serve a launched group, each with its server group."""
        launched = self.launched_groups(application)
        return [(name, group) for name, group in _served_groups(application) if group in launched]


def _served_groups(application: Application) -> list[tuple[str, str]]:
    return [(name, component.serves) for name, component in application.components_of_kind(TargetGroupComponent)]


def find_moves(runbook: Runbook, steps: DocumentLocation, run_regions: RunRegions) -> Iterator[Move]:
    """Yield the steps that send users to the target Region.

    Weights of 0 hold users where they are, so putting the target in service after them moves no one.
    """
    is_held = False
    for index, step in enumerate(runbook.steps):
        move, restored = step.find_effect(UserMove), step.find_effect(ServiceRestored)
        if move is not None and not move.sides and run_regions.target not in move.regions:
            is_held = True
        elif has_typed(step, UserMove, lambda one: one.enters("target", run_regions)) and not (is_held and restored):
            yield Move(index, step, runbook.steps, steps.child(index, "kind"))


def has_typed(step: StepModel, effect: type[E], holds: Callable[[E], bool]) -> bool:
    """Return whether the step has the effect and `holds` is true of it, or has it without details."""
    found = step.find_effect(effect)
    return has_effect(step, effect.effect) if found is None else holds(found)


def is_certain(step: StepModel) -> bool:
    """Return whether the run continues after the step only if it has succeeded, or if an operator decides so."""
    return step.policy.then is not OnFailure.CONTINUE
