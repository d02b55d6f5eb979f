"""Failovers that an operator starts and answers with calls of the Step Functions API."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from leeward.rehearsal.scenarios.scenario_documents import InvocationFails, OperatorSettings
from leeward.rehearsal.session.rehearsal_session import RehearsalSession
from tests.rehearsals.patches.short_rehearsals.observations import Observation, observe_run
from tests.rehearsals.patches.short_rehearsals.stops import start_failover, website_with_one_user

_SILENT = OperatorSettings(approval="silence", failure="silence")


def _wait_for_token(stage: RehearsalSession) -> str:
    """Advance time until the run asks for approval, and return the token of its task."""
    tokens: list[str] = []

    def keep_token(_execution: str, event: Mapping[str, Any]) -> None:
        details = event.get("taskScheduledEventDetails") or {}
        if str(details.get("resource", "")).endswith(".waitForTaskToken"):
            tokens.append(json.loads(details["parameters"])["Payload"]["token"])

    stage.engine.add_event_listener(keep_token)
    stage.wait_for(lambda: bool(tokens), timedelta(minutes=5))
    stage.engine.clock.sleep(20)
    return tokens[0]


def failed_approval() -> Observation:
    """The operator fails the approval's task with SendTaskFailure."""
    with website_with_one_user(operator=_SILENT) as stage:
        run = start_failover(stage)
        machine = stage.engine.client("stepfunctions", stage.world.target)
        machine.send_task_failure(taskToken=_wait_for_token(stage), error="Rejected", cause="not today")
        return observe_run(stage, run)


def second_answer() -> Observation:
    """Two operators answer the same question with SendTaskSuccess, and the second one rejects."""
    with website_with_one_user(operator=_SILENT) as stage:
        run = start_failover(stage)
        machine = stage.engine.client("stepfunctions", stage.world.target)
        token, answers = _wait_for_token(stage), []
        for decision in ("reject", "approve"):
            answer = json.dumps({"decision": decision, "by": "an operator", "reason": "decided"})
            try:
                machine.send_task_success(taskToken=token, output=answer)
                answers.append("accepted")
            except machine.exceptions.TaskTimedOut:
                answers.append("TaskTimedOut")
        return observe_run(stage, run, answers=answers)


def unnamed_starts() -> Observation:
    """The operator rejects a run that retried a task, and then starts two runs without names."""
    fault = InvocationFails(kind="invocation", function="lock-acquire", error="Lambda.Unknown")
    with website_with_one_user(fault, operator=OperatorSettings(approval="reject")) as stage:
        first = start_failover(stage)
        machine = first.execution.replace(":execution:", ":stateMachine:").rpartition(":")[0]
        stage.wait_for_end(first)
        for reason in ("one", "two"):
            stage.engine.wait_for_execution(stage.engine.start_execution(machine, None, {"reason": reason}))
        names = [run.id.rpartition(".")[2] for run in stage.runs]
        return observe_run(stage, stage.runs[-1], runs=len(names), names=names)


def repeated_unnamed_starts() -> Observation:
    """The same, for the second time in the process."""
    unnamed_starts()
    return unnamed_starts()
