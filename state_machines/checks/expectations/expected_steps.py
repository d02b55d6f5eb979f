"""What the document says about each step: its place, its policy, its calls, and how it is undone.

The parameters of a step's calls come from the step kind's module, which alone knows what a document's fields mean to
its tasks. Nothing here comes from the machine's frame, its failure handling, or its rollback, which the checks judge.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from leeward.state_machines.application.application_document import Application
from leeward.state_machines.application.run_direction import RunRegions
from leeward.state_machines.asl import TaskState
from leeward.state_machines.fields.failure_policy import FailurePolicy
from leeward.state_machines.fragments.state_names import StateNames, make_step_ids
from leeward.state_machines.fragments.step_context import Fragment, StepContext, StepExits, StepIdentity
from leeward.state_machines.runbook.runbook_document import Runbook
from leeward.state_machines.step_kinds.step_behavior import (
    can_undo,
    compile_step,
    compile_undo,
    continues_after_failed_undo,
    kind_of,
)
from leeward.state_machines.step_kinds.step_model import StepModel

ENTRY, UNDO_ENTRY = "entry", "undo"
DONE, FAILED, UNEXPECTED = "exit: done", "exit: failed", "exit: unexpected"
_EXITS = StepExits(DONE, FAILED, UNEXPECTED)
# A failed undo ends the same way whatever the error is.
_UNDO_EXITS = StepExits(DONE, FAILED, FAILED)


@dataclass(frozen=True, slots=True)
class MachineDocuments:
    """The documents of one machine."""

    application: Application
    runbook: Runbook

    @property
    def run_regions(self) -> RunRegions:
        """Return the origin and the target Region."""
        return RunRegions.from_direction(self.application.regions, self.runbook.direction)


@dataclass(frozen=True, slots=True)
class ExpectedStep:
    """A step as the document has it. `action` and `undo` are the states that do and undo it, between `ENTRY` and the
    names in `StepExits`. `undo` is None for a step that a rollback leaves.
    """

    id: str
    model: StepModel
    action: Fragment
    undo: Fragment | None

    @property
    def policy(self) -> FailurePolicy:
        """Return what follows the step's failure."""
        return self.model.policy

    @property
    def may_be_skipped(self) -> bool:
        """Return whether a run's input may skip the step."""
        return kind_of(self.model).may_be_skipped

    @property
    def tasks(self) -> tuple[TaskState, ...]:
        """Return the task states that do or undo the step."""
        states = self.action.states | (self.undo.states if self.undo is not None else {})
        return tuple(state for state in states.values() if isinstance(state, TaskState))

    @property
    def continues_after_failed_undo(self) -> bool:
        """Return whether a rollback continues when the undo of this step fails."""
        return continues_after_failed_undo(self.model)


def expected_steps(documents: MachineDocuments) -> tuple[ExpectedStep, ...]:
    """Return the document's steps in order."""
    steps = documents.runbook.steps
    ids = make_step_ids(step.name for step in steps)
    return tuple(_expect(documents, step, step_id) for step, step_id in zip(steps, ids, strict=True))


def _expect(documents: MachineDocuments, step: StepModel, step_id: str) -> ExpectedStep:
    names = StateNames()
    context = StepContext(
        documents.application,
        documents.run_regions,
        names,
        StepIdentity(step_id, step.name, step.kind),
        names.reserve(ENTRY),
        _EXITS,
        step.attempt_timeout_seconds,
        policy=str(step.policy),
    )
    undo = None
    if can_undo(step):
        undo = compile_undo(step, context.with_entry(names.reserve(UNDO_ENTRY), _UNDO_EXITS).as_undo())
    return ExpectedStep(step_id, step, compile_step(step, context), undo)


def canonical(value: Any) -> str:
    """Return a text that is equal for equal JSON values."""
    return json.dumps(value, sort_keys=True, default=_plain)


def _plain(value: Any) -> Any:
    return dict(value) if isinstance(value, Mapping) else list(value)
