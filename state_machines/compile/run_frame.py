"""Builds the states that begin a run and record its end.

A run ends in one of three ways: it succeeds, it stops and releases the lock, or it halts after an unexpected error and
keeps the lock. The function `run_end` records the end and writes the cause.
"""

from __future__ import annotations

from dataclasses import dataclass

from leeward.common.errors import leaf_error_names
from leeward.state_machines.application.application_document import Objectives
from leeward.state_machines.application.run_direction import RunRegions
from leeward.state_machines.asl import Catcher, FailState, Json, JsonObject, PassState, States, SucceedState, TaskState
from leeward.state_machines.asl.intrinsic_functions import string_to_json
from leeward.state_machines.compile.redrive import RedriveTargets, build_redrive_choice, build_stop_state
from leeward.state_machines.fragments.lambda_tasks import function_name, invoke_function, task_payload
from leeward.state_machines.fragments.retries import RETRY_RUN_BEGIN, RETRY_RUN_END, catch_all
from leeward.state_machines.fragments.state_names import StateNames
from leeward.state_machines.fragments.step_context import StepIdentity
from leeward.state_machines.runbook.runbook_document import Runbook

_LEEWARD_ERRORS = tuple(leaf_error_names())


@dataclass(frozen=True, slots=True)
class EndStates:
    """The names of the first states of the three ends. `stopped` and `halted` (which keeps the lock) expect
    `$.failure`.
    """

    succeeded: str
    stopped: str
    halted: str

    @classmethod
    def reserve(cls, state_names: StateNames) -> EndStates:
        """Reserve the names of the ends in one machine."""
        return cls(
            *(state_names.reserve(name) for name in ("Record the end", "Record the stop", "Record the stop, lock held"))
        )


def build_begin_states(
    runbook: Runbook,
    run_regions: RunRegions,
    objectives: Objectives,
    *,
    steps: tuple[StepIdentity, ...],
    state_names: StateNames,
    first: str,
) -> tuple[str, States]:
    """Return the name of the first state, and the states that begin the run.

    The first state turns the run's input into `$.run` and `$.attempts`. The others fail the run when that is not
    possible.
    """
    start, refused, failed = (
        state_names.reserve(name) for name in ("Begin the run", "Refused to begin", "Could not begin")
    )
    worded = state_names.reserve("Say why it was refused")
    listed: list[Json] = [{"id": step.id, "name": step.name, "kind": step.kind} for step in steps]
    parameters: JsonObject = {
        "execution": {
            "id.$": "$$.Execution.Id",
            "name.$": "$$.Execution.Name",
            "started_at.$": "$$.Execution.StartTime",
            "input.$": "$$.Execution.Input",
        },
        "runbook": {
            "application": runbook.application,
            "runbook": runbook.runbook,
            "origin": run_regions.origin,
            "target": run_regions.target,
            "rto_seconds": int(objectives.rto.total_seconds()),
            "rpo_seconds": int(objectives.rpo.total_seconds()),
            "steps": listed,
        },
    }
    attempts: JsonObject = {step.id: 1 for step in steps}
    return start, {
        start: invoke_function(
            function_name("run_begin"),
            {"parameters": parameters},
            next=first,
            # The error replaces the whole input, because no data of the run exists yet.
            catch=(Catcher(_LEEWARD_ERRORS, worded, "$"), catch_all(failed, "$")),
            comment="Check the run's input and record that the run begins",
            retry=RETRY_RUN_BEGIN,
            result_selector={
                "run.$": "$.Payload.run",
                "attempts": attempts,
                "look": {"head.$": "$.Payload.head"},
            },
            result_path="$",
        ),
        worded: PassState(
            {"error.$": "$.Error", "told.$": string_to_json("$.Cause")},
            refused,
            comment="Extract the message from the error",
        ),
        refused: FailState("$.error", "$.told.errorMessage", "Nothing was done"),
        failed: FailState("$.Error", "$.Cause", "Nothing was done"),
    }


def build_end_states(end_states: EndStates, state_names: StateNames, redrive_targets: RedriveTargets) -> States:
    """Return the states of the three ends."""
    redrive_choice = state_names.reserve("Go on where it stopped")
    return (
        _succeeded_states(end_states.succeeded, state_names)
        | _failed_states(end_states.stopped, state_names, "Stopped", redrive_targets, redrive_choice, keep_lock=False)
        | _failed_states(
            end_states.halted, state_names, "Stopped, lock held", redrive_targets, redrive_choice, keep_lock=True
        )
        | build_redrive_choice(redrive_choice, state_names, redrive_targets)
    )


def _succeeded_states(entry: str, state_names: StateNames) -> States:
    done = state_names.reserve("Done")
    return {
        entry: _record_end("Record the end and release the lock", done, {"outcome": "succeeded", "keep_lock": False}),
        done: SucceedState("Every step is done, or its failure was skipped by its policy or by an operator"),
    }


def _failed_states(
    entry: str,
    state_names: StateNames,
    title: str,
    redrive_targets: RedriveTargets,
    redrive_choice: str,
    *,
    keep_lock: bool,
) -> States:
    stopped = state_names.reserve(title)
    lock = (
        "keep the lock, so that no other run starts before an operator has checked" if keep_lock else "release the lock"
    )
    parameters: JsonObject = {"outcome": "failed", "keep_lock": keep_lock, "failure.$": "$.failure"}
    summary: JsonObject = {"error.$": "$.Payload.error", "cause.$": "$.Payload.cause"}
    return {entry: _record_end(f"Record the end and {lock}", stopped, parameters, summary)} | build_stop_state(
        stopped, redrive_targets, redrive_choice
    )


def _record_end(
    comment: str, next: str, parameters: JsonObject, result_selector: JsonObject | None = None
) -> TaskState:
    """Return a task that calls `run_end`.

    It catches nothing. If the end cannot be recorded, the execution fails at this task with the error of `run_end`. A
    redrive then retries the task, which isn't possible with a Fail state.
    """
    return invoke_function(
        function_name("run_end"),
        task_payload(None, parameters),
        next=next,
        catch=(),
        comment=comment,
        retry=RETRY_RUN_END,
        result_selector=result_selector,
        result_path=None if result_selector is None else "$.end",
    )
