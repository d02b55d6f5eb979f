"""The payloads of the tasks around the steps: begin, record a failure, ask, end, and stop."""

from __future__ import annotations

from collections.abc import Mapping

from leeward.kinds.descriptors.effects import Effect
from leeward.state_machines.checks.behavior.interpreter.data_paths import Data
from leeward.state_machines.checks.behavior.interpreter.execution import EXECUTION, TASK_TOKEN
from leeward.state_machines.checks.expectations.expected_steps import ExpectedStep, MachineDocuments
from leeward.state_machines.checks.expectations.task_names import ANSWER_SECONDS
from leeward.state_machines.step_kinds.step_behavior import has_effect


def begin_payload(documents: MachineDocuments, steps: tuple[ExpectedStep, ...]) -> Data:
    """Return the payload of the first task: the execution, and what the documents say about the run."""
    application, runbook, regions = documents.application, documents.runbook, documents.run_regions
    return {
        "parameters": {
            "execution": {
                "id": EXECUTION["Id"],
                "name": EXECUTION["Name"],
                "started_at": EXECUTION["StartTime"],
                "input": EXECUTION["Input"],
            },
            "runbook": {
                "application": application.application,
                "runbook": runbook.runbook,
                "origin": regions.origin,
                "target": regions.target,
                "rto_seconds": int(application.objectives.rto.total_seconds()),
                "rpo_seconds": int(application.objectives.rpo.total_seconds()),
                "steps": [{"id": step.id, "name": step.model.name, "kind": step.model.kind} for step in steps],
            },
        }
    }


def identity(step: ExpectedStep, attempts: Mapping[str, Data]) -> Data:
    """Return the `step` of a payload."""
    return {"id": step.id, "name": step.model.name, "kind": step.model.kind, "attempt": attempts[step.id]}


def ask_payload(of_run: Mapping[str, Data], step: Data, failure: Data) -> Data:
    """Return the payload of the question what follows a failure. No answer means abort."""
    parameters = {"failure": failure, "default": "abort", "expires_seconds": ANSWER_SECONDS}
    return {**of_run, "step": step, "parameters": parameters, "token": TASK_TOKEN}


def stop_payload(
    documents: MachineDocuments, of_run: Mapping[str, Data], end: Data, failure: Data, attempts: Data
) -> Data:
    """Return the payload of the task that fails the execution."""
    takes_lock = any(has_effect(step, Effect.TAKES_LOCK) for step in documents.runbook.steps)
    parameters = {"error": end["error"], "cause": end["cause"], "failure": failure, "attempts": attempts}
    parameters["lock_home"] = documents.application.regions.standby if takes_lock else None
    return {**of_run, "parameters": parameters, "token": TASK_TOKEN}
