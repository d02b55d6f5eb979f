"""How a step follows the execution of a DRS Recovery Plan, by the states of DRS and EC2."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from leeward.common.claims.types.server_claims import Launched, LaunchedServer
from leeward.common.errors import LaunchFailed, NotFound, NotReady
from leeward.drs.api.recovery_plans import (
    PlanExecutionStatus,
    PlanExecutionStep,
    PlanStepStatus,
    list_plan_servers,
    resolve_plan_arn,
)
from leeward.drs.recovery.recovery_plan_run import RecoveryPlanRun
from tests.drs.sample_records import BEGAN, NOW, ended_job, instance
from tests.drs.stub_clients import StubDrs, StubEc2, refused

PLAN = "arn:aws:drs:b:1:recovery-plan/rplan-1"
OWN = {"leeward:run": "r", "leeward:step": "s"}


class _Pages:
    def __init__(self, member: str, items: list[Any]) -> None:
        self.member, self.items = member, items

    def paginate(self, **_: object) -> Any:
        return ({self.member: [item]} for item in self.items)


class PlanDrs(StubDrs):
    """DRS with executions of plans, and with steps by execution."""

    executions: tuple[dict[str, Any], ...] = ()
    steps: tuple[dict[str, Any], ...] = ()
    plans: tuple[str, ...] = (PLAN,)

    def get_paginator(self, operation: str) -> Any:
        summaries = [{k: v for k, v in each.items() if k != "tags"} for each in self.executions]
        servers = [{"serverArn": f"arn:x/s-{n}"} for n in (1, 2)]
        plan_step = {"configuration": {"serverStepConfiguration": {"servers": servers}}}
        pages = {
            "list_recovery_plans": ("recoveryPlans", [{"recoveryPlanArn": arn} for arn in self.plans]),
            "list_recovery_plan_steps": ("recoveryPlanSteps", [plan_step, {"configuration": {}}]),
            "list_recovery_plan_executions": ("recoveryPlanExecutions", summaries),
            "list_recovery_plan_execution_steps": ("recoveryPlanExecutionSteps", list(self.steps)),
        }
        return _Pages(*pages[operation]) if operation in pages else super().get_paginator(operation)

    def get_recovery_plan_execution(self, recoveryPlanExecutionArn: str) -> Any:  # noqa: N803 - AWS's name
        (found,) = [e for e in self.executions if e["recoveryPlanExecutionArn"] == recoveryPlanExecutionArn]
        return {"recoveryPlanExecution": found}

    def get_recovery_plan_execution_step(self, recoveryPlanExecutionStepArn: str) -> Any:  # noqa: N803 - AWS's name
        (found,) = [s for s in self.steps if s["recoveryPlanExecutionStepArn"] == recoveryPlanExecutionStepArn]
        return {"recoveryPlanExecutionStep": found}


class Marker:
    def __init__(self, text: str | None = None) -> None:
        self.text = text

    def load(self) -> str | None:
        return self.text

    def store(self, text: str) -> None:
        self.text = text


def execution(status: str = "IN_PROGRESS", name: str = "e", tags: dict[str, str] | None = None, **more: Any) -> Any:
    given = {"recoveryPlanExecutionArn": f"arn:{name}", "status": status, "startedAt": NOW.isoformat()}
    return given | {"tags": OWN if tags is None else tags} | more


def plan_step(number: int, status: str, *servers: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "recoveryPlanExecutionStepArn": f"arn:step{number}",
        "stepName": f"step{number}",
        "stepIndex": number,
        "status": status,
        "configuration": {"executionServerStepConfiguration": {"servers": list(servers)}},
    } | more


def member(number: int, job: str | None = "j", impact: str = "CRITICAL") -> dict[str, Any]:
    return {"serverArn": f"arn:x/s-{number}", "impactLevel": impact} | ({"jobID": job} if job else {})


def follow(
    *steps: dict[str, Any],
    status: str = "IN_PROGRESS",
    executions: tuple[Any, ...] | None = None,
    attempt: int = 1,
    marker: Marker | None = None,
    states: dict[str, str] | None = None,
    checks: Any = None,
    error: dict[str, str] | None = None,
    plan: str = PLAN,
    **stub: Any,
) -> tuple[Any, PlanDrs]:
    drs = PlanDrs(**stub)
    drs.steps = steps[::-1]
    more = {"errorDetail": error} if error else {}
    drs.executions = (execution(status, **more),) if executions is None else executions
    client: Any = drs
    ec2: Any = StubEc2(states or {}, checks=checks or {}, launched_at={"i-1": NOW, "i-2": BEGAN})
    run = RecoveryPlanRun(client, client, ec2, "b", plan, "DRILL", "r", BEGAN, "s", attempt, marker or Marker())
    return run.advance(), drs


@pytest.mark.parametrize(
    ("tags", "started", "own"),
    [
        (OWN, BEGAN, True),
        (OWN, BEGAN - timedelta(minutes=5), True),
        (OWN, BEGAN - timedelta(minutes=5, seconds=1), False),
        *((OWN | {"leeward:run": run}, NOW, False) for run in ("a", "z")),
        *((OWN | {"leeward:step": step}, NOW, False) for step in ("a", "z")),
        ({}, NOW, False),
    ],
)
def test_only_own_execution_is_followed(tags: dict[str, str], started: Any, own: bool) -> None:
    theirs = execution(tags=tags, startedAt=started.isoformat())
    result, drs = follow(plan_step(1, "EXECUTING"), executions=(theirs,))
    assert bool(drs.changes) is not own
    if own:
        assert (result.done, result.detail) == (False, f"{PLAN}: step1 EXECUTING")
    else:
        assert result.detail == f"{PLAN} was started as a drill"
        ((operation, given),) = drs.changes
        assert operation == "start_recovery_plan_execution"
        assert (given["recoveryPlanArn"], given["mode"], given["tags"]) == (PLAN, "DRILL", OWN)


def test_latest_execution_is_followed() -> None:
    executions = (
        execution("CANCELLED", "b", startedAt=BEGAN.isoformat()),
        execution("IN_PROGRESS", "a", startedAt=NOW.isoformat()),
        execution("CANCELLED", "c", startedAt=BEGAN.isoformat()),
    )
    assert not follow(plan_step(1, "EXECUTING"), executions=executions)[0].done


@pytest.mark.parametrize("code", ["ConflictException", "InternalServerException"])
def test_start_without_response_is_looked_at_again(code: str) -> None:
    result, _ = follow(executions=(), answers={"start_recovery_plan_execution": refused(code)})
    assert result.detail == f"drs:StartRecoveryPlanExecution: {code}: not now; looking again"


@pytest.mark.parametrize(
    ("state", "is_drill", "blocks"),
    [("running", False, True), ("terminated", False, False), ("running", True, False)],
)
def test_live_instances_block_the_start(state: str, is_drill: bool, blocks: bool) -> None:
    given: dict[str, Any] = {"executions": (), "states": {"i-1": state, "i-2": state, "i-3": "running"}}
    given["instances"] = [instance(n, isDrill=is_drill) for n in (1, 2)] + [instance(3)]
    if not blocks:
        assert follow(**given)[1].changes
        return
    with pytest.raises(NotReady) as blocked:
        follow(**given)
    assert str(blocked.value) == (
        f"{PLAN} would replace live recovery instances: s-1: i-1; s-2: i-2. Terminate them first"
    )


# -- the states of an execution -----------------------------------------------------------------------


@pytest.mark.parametrize("status", list(PlanExecutionStatus))
@pytest.mark.parametrize("error", [None, {"code": "X", "message": "no capacity"}])
def test_execution_without_failed_step(status: PlanExecutionStatus, error: dict[str, str] | None) -> None:
    text = f"{PLAN}: step1 COMPLETED; step2 EXECUTING"
    steps = plan_step(1, "COMPLETED"), plan_step(2, "EXECUTING")
    match status:
        case PlanExecutionStatus.CANCELLED:
            with pytest.raises(LaunchFailed, match=rf"^{text}: the execution was cancelled$"):
                follow(*steps, status=status, error=error)
        case PlanExecutionStatus.FAILED:
            with pytest.raises(LaunchFailed, match=rf"^{text}: {'no capacity' if error else 'DRS gives no reason'}$"):
                follow(*steps, status=status, error=error)
        case PlanExecutionStatus.COMPLETED:
            assert follow(*steps, status=status, error=error)[0].done
        case _:
            result, drs = follow(*steps, status=status, error=error)
            assert (result.done, result.detail, drs.changes) == (False, text, [])


@pytest.mark.parametrize("status", list(PlanStepStatus))
def test_failed_and_timed_out_steps_have_failed(status: PlanStepStatus) -> None:
    step = PlanExecutionStep.model_validate(plan_step(1, status))
    assert step.has_failed is (status in ("FAILED", "TIMED_OUT"))
    assert (step.attempt, step.servers) == (1, ())


@pytest.mark.parametrize("other", list(PlanStepStatus))
def test_failed_step_counts_when_no_step_is_under_way(other: PlanStepStatus) -> None:
    steps = plan_step(1, "FAILED"), plan_step(2, other)
    if other in ("EXECUTING", "WAITING"):
        assert not follow(*steps)[0].done
        return
    with pytest.raises(LaunchFailed, match=r"step step1 FAILED: DRS gives no reason$"):
        follow(*steps)


@pytest.mark.parametrize(
    ("attempt", "stored", "retried"),
    [
        (1, None, False),
        (1, "arn:step1#1", False),
        (2, None, True),
        (2, "arn:step1#1", True),
        (2, "arn:step1#0", False),
        (2, "arn:step1#2", False),
    ],
)
def test_failed_step_is_retried_once_per_attempt(attempt: int, stored: str | None, retried: bool) -> None:
    marker = Marker(stored)
    if not retried:
        with pytest.raises(LaunchFailed):
            follow(plan_step(1, "FAILED"), attempt=attempt, marker=marker)
        assert marker.text == stored
        return
    result, drs = follow(plan_step(1, "FAILED"), attempt=attempt, marker=marker)
    assert drs.changes == [("retry_recovery_plan_execution_step", {"recoveryPlanExecutionStepArn": "arn:step1"})]
    assert (result.done, result.detail) == (False, f"{PLAN}: step1 FAILED: retrying step1")
    assert marker.text == "arn:step1#1"
    answers = {"retry_recovery_plan_execution_step": refused()}
    again, _ = follow(plan_step(1, "FAILED"), attempt=attempt, marker=marker, answers=answers)
    assert again.detail.endswith("ConflictException: not now; looking again")


@pytest.mark.parametrize("status", ["PENDING", "IN_PROGRESS", "LAUNCHED", "FAILED", "TERMINATED"])
@pytest.mark.parametrize("error", [None, {"code": "X", "message": "broken"}])
def test_reason_of_failed_step_comes_from_jobs_of_servers_that_did_not_launch(
    status: str, error: dict[str, str] | None
) -> None:
    logs = {"j": [{"event": "FAIL", "eventData": {"sourceServerID": "s-1", "rawError": "no capacity"}}]}
    step = plan_step(
        1,
        "FAILED",
        member(1),
        member(2, None),
        member(3, "unknown"),
        member(4),
        **({"errorDetail": error} if error else {}),
    )
    with pytest.raises(LaunchFailed) as failed:
        follow(step, jobs=[ended_job("j", {1: status})], logs=logs)
    without = "X: broken" if error else "DRS gives no reason"
    reason = without if status == "LAUNCHED" else "s-1: FAIL: no capacity"
    assert str(failed.value) == f"{PLAN}: step1 FAILED: step step1 FAILED: {reason}"


def test_completed_execution_waits_for_instances() -> None:
    steps = plan_step(1, "COMPLETED", member(1), member(2), member(3, impact="NON_CRITICAL"), member(4, None))
    given: dict[str, Any] = {"status": "COMPLETED", "states": {"i-1": "running", "i-2": "pending"}}
    other = instance(2, "other")
    result, _ = follow(steps, instances=[instance(1), other], **given)
    assert (result.done, result.detail) == (False, f"{PLAN}: step1 COMPLETED; s-2: its instance is not shown")
    result, _ = follow(steps, instances=[instance(1), instance(2)], **given)
    assert (result.done, result.detail) == (False, f"{PLAN}: step1 COMPLETED; i-2 is pending")


def test_completed_execution_claims_its_servers() -> None:
    steps = (
        plan_step(1, "COMPLETED", member(1), member(3, impact="NON_CRITICAL"), member(4, None)),
        plan_step(2, "SKIPPED", member(2)),
    )
    result, _ = follow(
        *steps,
        status="COMPLETED",
        instances=[instance(1), instance(2)],
        states={"i-1": "running", "i-2": "running"},
    )
    assert result.claims == (
        Launched(
            group=PLAN,
            region="b",
            servers=(
                LaunchedServer(id="s-1", instance="i-1", job="j", launched_at=NOW.isoformat()),
                LaunchedServer(id="s-3", job="j", reason="its instance is not shown"),
                LaunchedServer(id="s-2", instance="i-2", job="j", launched_at=BEGAN.isoformat()),
            ),
            since=BEGAN.isoformat(),
            notes=("step1 COMPLETED", "step2 SKIPPED"),
        ),
    )


def test_plan_is_found_by_its_id() -> None:
    drs: Any = PlanDrs()
    drs.plans = ("arn:p/rplan-0", PLAN, "arn:p/rplan-2")
    assert resolve_plan_arn(drs, "rplan-1") == resolve_plan_arn(drs, PLAN) == PLAN
    assert list_plan_servers(drs, PLAN) == ["s-1", "s-2"]
    with pytest.raises(NotFound) as missing:
        resolve_plan_arn(drs, "rplan-9")
    assert str(missing.value) == (f"there is no Recovery Plan rplan-9; there are arn:p/rplan-0, {PLAN}, arn:p/rplan-2")
    drs.plans = ()
    with pytest.raises(NotFound, match=r"there are none$"):
        resolve_plan_arn(drs, "rplan-1")
