"""The state in front of a step that skips it when the run's input says so."""

from __future__ import annotations

from leeward.state_machines.asl import ChoiceState, States, present_and_equals
from leeward.state_machines.fragments.step_context import StepContext


def build_skip_gate(name: str, context: StepContext) -> States:
    """Return the state `name`, which skips the step when `run_begin` has added the step's ID to `$.run.skip`."""
    is_skipped = present_and_equals(f"$.run.skip.{context.step.id}", True)
    return {name: ChoiceState(((is_skipped, context.exits.done),), context.entry, "Skip the step if the input says so")}
