"""The way back: what the steps did, undone in reverse order, the failed step's own part first.

One chain for the whole machine; a step whose policy is `undo` enters it at its own place. An undo that fails stops the
run there with the lock held: to go on could take away what users still stand on. Where what is left harms nobody (an
instance that runs on) the way back goes on, so that a fence opens again; the run then ends with the lock held as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from leeward.state_machines.asl import ChoiceState, PresenceTest, States
from leeward.state_machines.compile.run_frame import EndStates
from leeward.state_machines.fragments.lambda_tasks import function_name, invoke_function, task_payload
from leeward.state_machines.fragments.retries import catch_all
from leeward.state_machines.fragments.state_names import StateNames
from leeward.state_machines.fragments.step_context import Fragment, StepContext, StepExits
from leeward.state_machines.steps import AnyStep, kind_of

_LEFTOVER_PATH = "$.left"


@dataclass(frozen=True, slots=True)
class UndoChain:
    """Each step's own undo states, where the way back starts when that step has failed, and how it ends."""

    entries: tuple[str, ...] = ()
    step_states: tuple[States, ...] = ()
    final_choice: States = field(default_factory=States)

    @property
    def states(self) -> States:
        """All states, the last step's first, as the way goes."""
        return {name: state for part in reversed(self.step_states) for name, state in part.items()} | self.final_choice

    def entry_for(self, index: int) -> str | None:
        """Where the way back starts for the step at `index`; None beyond the last step that asks for one."""
        return self.entries[index] if index < len(self.entries) else None

    def states_for(self, index: int) -> States:
        """The undo states of the step at `index`."""
        return self.step_states[index] if index < len(self.step_states) else {}


def build_undo_chain(
    steps: Sequence[tuple[AnyStep, StepContext]], end_states: EndStates, state_names: StateNames
) -> UndoChain:
    """The way back over `steps`, a runbook's first ones, in their order."""
    entries: list[str] = []
    parts: list[States] = []
    verdict: States = {}
    following = end_states.stopped
    if any(kind_of(step).continues_after_failed_undo and _has_undo(step) for step, _ in steps):
        following = state_names.reserve("Is anything left?")
        verdict[following] = ChoiceState(
            ((PresenceTest(_LEFTOVER_PATH), end_states.halted),),
            end_states.stopped,
            "Keep the lock when something could not be taken back",
        )
    for step, context in steps:
        kind, made = kind_of(step), States()
        if kind.undo is not None and _has_undo(step):
            title = f"Undo: {step.name}"
            entry, failed = context.state_names.reserve(title), context.state_names.reserve(title, ": failed")
            exits = StepExits(done=following, failed=failed, unexpected=failed, halt=end_states.halted)
            fragment = kind.undo(step, context.with_entry(entry, exits))
            stuck = following if kind.continues_after_failed_undo else end_states.halted
            made = fragment.states | _record_undo_failure(
                context, fragment, failed, stuck, continues=kind.continues_after_failed_undo
            )
            following = entry
        entries.append(following)
        parts.append(made)
    return UndoChain(tuple(entries), tuple(parts), verdict)


def _has_undo(step: AnyStep) -> bool:
    kind = kind_of(step)
    return kind.undo is not None and bool(kind.can_undo(step))


def _record_undo_failure(
    context: StepContext, fragment: Fragment, failed: str, after: str, *, continues: bool
) -> States:
    # $.failure must stay the failure that led here: that an undo failed is kept beside it, or left to the history.
    then = "go on with the way back, and keep the lock at its end" if continues else "stop here and keep the lock"
    return {
        failed: invoke_function(
            function_name("record_failure"),
            task_payload(context.step, fragment.failure_json() | {"policy": "leave" if continues else "stop"}),
            next=after,
            catch=(catch_all(after, _LEFTOVER_PATH if continues else "$.unrecorded"),),
            comment=f"What was done could not be undone: write it down, {then}",
            result_selector={"step.$": "$.Payload.step"} if continues else None,
            result_path=_LEFTOVER_PATH if continues else None,
        )
    }
