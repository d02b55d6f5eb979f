"""Builds the last state of a failed run. It fails the execution with a summary of the run, and can be redriven.

A redriven Fail state would be entered again and fail again. So a task fails the execution through its token. After a
redrive, Step Functions calls the task again. The task reacquires the lock if the run had released it, and returns the
attempt counts. The run then resumes at the step that failed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from leeward.state_machines.asl import ChoiceState, Comparison, FailState, JsonObject, States
from leeward.state_machines.fragments.lambda_tasks import (
    INVOKE_AND_WAIT_RESOURCE,
    function_name,
    invoke_function,
    task_payload,
)
from leeward.state_machines.fragments.retries import RETRY_RUN_STOP
from leeward.state_machines.fragments.state_names import StateNames


@dataclass(frozen=True, slots=True)
class RedriveTargets:
    """Where a redriven run can resume: each step's ID and first state. `lock_home` is the Region that keeps the
    application's lock, or None when the runbook has no lock.
    """

    steps: Sequence[tuple[str, str]]
    lock_home: str | None


def build_stop_state(state_name: str, redrive_targets: RedriveTargets, choice: str) -> States:
    """Return the state `state_name`, which fails the execution. It expects `$.failure`, and the error and cause at
    `$.end`.
    """
    parameters: JsonObject = {"error.$": "$.end.error", "cause.$": "$.end.cause", "failure.$": "$.failure"}
    parameters |= {"attempts.$": "$.attempts", "lock_home": redrive_targets.lock_home}
    return {
        state_name: invoke_function(
            function_name("run_stop"),
            task_payload(None, parameters) | {"token.$": "$$.Task.Token"},
            next=choice,
            catch=(),
            comment="Fail the execution. The cause lists what was done, what failed, and what was not done. "
            "After a redrive, the run resumes at the step that failed",
            result_path="$.attempts",
            retry=RETRY_RUN_STOP,
            resource=INVOKE_AND_WAIT_RESOURCE,
        )
    }


def build_redrive_choice(choice: str, state_names: StateNames, redrive_targets: RedriveTargets) -> States:
    """Return the state `choice`, which leads a redriven run to the step that failed."""
    nowhere = state_names.reserve("Stopped, nowhere to go on")
    rules = tuple((Comparison("$.failure.step", step), entry) for step, entry in redrive_targets.steps)
    return {
        choice: ChoiceState(rules, nowhere, "The run was redriven. Resume at the step that failed, as a new attempt"),
        nowhere: FailState("$.end.error", "$.end.cause", "The failed step is not a step of this runbook"),
    }
