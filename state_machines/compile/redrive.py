"""The last state of a run that failed: it fails the execution with the run's own account, and can be redriven.

A Fail state would do the first but not the second: redriven, it is entered again and fails again. So the execution is
failed through the token of a task. Redriven, the task is called again; it finds that the run is to go on, takes the
lock again where the run had let it go, and answers with the attempts: the run goes on at the step that failed.
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
    """Where a run that is redriven goes on: each step's id and its first state; who keeps the application's lock, None
    where the runbook takes none."""

    steps: Sequence[tuple[str, str]]
    lock_home: str | None


def build_stop_state(state_name: str, redrive_targets: RedriveTargets, choice: str) -> States:
    """The state `stopped`, which fails the execution; it expects `$.failure` and the account at `$.end`."""
    told: JsonObject = {"error.$": "$.end.error", "cause.$": "$.end.cause", "failure.$": "$.failure"}
    told |= {"attempts.$": "$.attempts", "lock_home": redrive_targets.lock_home}
    return {
        state_name: invoke_function(
            function_name("run_stop"),
            task_payload(None, told) | {"token.$": "$$.Task.Token"},
            next=choice,
            catch=(),
            comment="Fail the execution: the cause says what was done, what failed, and what was not done. "
            "Redriven, it goes on at the step that failed",
            result_path="$.attempts",
            retry=RETRY_RUN_STOP,
            resource=INVOKE_AND_WAIT_RESOURCE,
        )
    }


def build_redrive_choice(choice: str, state_names: StateNames, redrive_targets: RedriveTargets) -> States:
    """The state `choice`, which leads a run that is redriven to the step that failed."""
    nowhere = state_names.reserve("Stopped, nowhere to go on")
    rules = tuple((Comparison("$.failure.step", step), entry) for step, entry in redrive_targets.steps)
    return {
        choice: ChoiceState(rules, nowhere, "The run was redriven: on to the step that failed, as a new attempt"),
        nowhere: FailState("$.end.error", "$.end.cause", "No step of this runbook is the one that failed"),
    }
