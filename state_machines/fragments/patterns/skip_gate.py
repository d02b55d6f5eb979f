"""The state in front of a step that skips it when the run's input says so."""

from __future__ import annotations

from leeward.state_machines.asl import AllOf, ChoiceState, States, present_and_equals
from leeward.state_machines.fragments.step_context import StepContext


def build_skip_gate(name: str, context: StepContext) -> States:
    """Return the state `name`, which skips the step when `run_begin` has added the step's ID to `$.run.skip`."""
    skips = is_skipped(context.step.id)
    return {name: ChoiceState(((skips, context.exits.done),), context.entry, "Skip the step if the input says so")}


def is_skipped(step_id: str) -> AllOf:
    """Return the rule that the run's input skips the step."""
    return present_and_equals(f"$.run.skip.{step_id}", True)
