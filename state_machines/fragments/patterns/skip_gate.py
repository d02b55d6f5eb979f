"""Before each step that may be: does the run's input say that it is to be skipped?"""

from __future__ import annotations

from leeward.state_machines.asl import ChoiceState, States, present_and_equals
from leeward.state_machines.fragments.step_context import StepContext


def build_skip_gate(name: str, context: StepContext) -> States:
    """The state `name`, in front of the step: past it where `run_begin` has put its id into `$.run.skip`."""
    asked = present_and_equals(f"$.run.skip.{context.step.id}", True)
    return {
        name: ChoiceState(((asked, context.exits.done),), context.entry, "Passed over where the run's input says so")
    }
