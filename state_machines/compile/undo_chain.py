"""Builds the rollback: it undoes the steps in reverse order, starting with the failed step's own partial work.

The machine has one chain. A step whose policy is `undo` enters it at its own position. A failed undo stops the run with
the lock held, because continuing could remove resources that still serve users. If the leftover is harmless, such as a
running instance, the rollback continues, so that a fence is opened again. The run then also ends with the lock held.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from leeward.state_machines.asl import ChoiceState, PresenceTest, States
from leeward.state_machines.compile.run_frame import EndStates
from leeward.state_machines.fragments.lambda_tasks import function_name, invoke_function, task_payload
from leeward.state_machines.fragments.retries import RETRY_RECORD, catch_all
from leeward.state_machines.fragments.state_names import StateNames
from leeward.state_machines.fragments.step_context import StepContext, StepExits
from leeward.state_machines.step_kinds.step_behavior import can_undo, compile_undo, continues_after_failed_undo
from leeward.state_machines.step_kinds.step_model import StepModel

_LEFTOVER_PATH = "$.left"


@dataclass(frozen=True, slots=True)
class UndoChain:
    """The rollback of a machine. `entries` has the state at which the rollback starts for each step, `step_states` has
    each step's undo states, and `final_choice` decides how the rollback ends.
    """

    entries: tuple[str, ...] = ()
    step_states: tuple[States, ...] = ()
    final_choice: States = field(default_factory=States)

    @property
    def states(self) -> States:
        """Return all states, starting with those of the last step, in the order of the rollback."""
        return {name: state for part in reversed(self.step_states) for name, state in part.items()} | self.final_choice

    def entry_for(self, index: int) -> str | None:
        """Return the state at which the rollback starts for the step at `index`.

        Returns None when neither this step nor a later one can start a rollback.
        """
        return self.entries[index] if index < len(self.entries) else None

    def states_for(self, index: int) -> States:
        """Return the undo states of the step at `index`."""
        return self.step_states[index] if index < len(self.step_states) else {}


def build_undo_chain(
    steps: Sequence[tuple[StepModel, StepContext]], end_states: EndStates, state_names: StateNames
) -> UndoChain:
    """Build the rollback of `steps`, which are the first steps of a runbook in their order."""
    entries: list[str] = []
    parts: list[States] = []
    final_choice: States = {}
    following = end_states.stopped
    if any(continues_after_failed_undo(step) and can_undo(step) for step, _ in steps):
        following = state_names.reserve("Is anything left?")
        final_choice[following] = ChoiceState(
            ((PresenceTest(_LEFTOVER_PATH), end_states.halted),),
            end_states.stopped,
            "Keep the lock when something could not be rolled back",
        )
    for step, context in steps:
        undo_states, continues = States(), continues_after_failed_undo(step)
        if can_undo(step):
            title = f"Undo: {step.name}"
            entry, failed = context.state_names.reserve(title), context.state_names.reserve(title, ": failed")
            exits = StepExits(done=following, failed=failed, unexpected=failed)
            fragment = compile_undo(step, context.with_entry(entry, exits).as_undo())
            stuck = following if continues else end_states.halted
            undo_states = fragment.states | _record_undo_failure(context, failed, stuck, continues=continues)
            following = entry
        entries.append(following)
        parts.append(undo_states)
    return UndoChain(tuple(entries), tuple(parts), final_choice)


def _record_undo_failure(context: StepContext, failed: str, after: str, *, continues: bool) -> States:
    # $.failure must keep the failure that started the rollback. A failed undo is stored at its own path, or only in the
    # history.
    then = "continue the rollback, and keep the lock at its end" if continues else "stop and keep the lock"
    return {
        failed: invoke_function(
            function_name("record_failure"),
            task_payload(context.step, {"error.$": "$.error", "policy": "leave" if continues else "stop"}),
            next=after,
            catch=(catch_all(after, _LEFTOVER_PATH if continues else "$.unrecorded"),),
            comment=f"The undo failed. Record it, {then}",
            result_selector={"step.$": "$.Payload.step"} if continues else None,
            result_path=_LEFTOVER_PATH if continues else None,
            retry=RETRY_RECORD,
        )
    }
