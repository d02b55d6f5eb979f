"""The usage of a run by step: what is counted for which step, and that nothing is missing."""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

import pytest

from leeward.rehearsal.assessment.run_assessment import assess_run
from leeward.rehearsal.results.reports.usage_report import OUTSIDE_STEPS, MeasuredUsage, StepUsage
from leeward.rehearsal.results.result_models import ExecutionOutcome
from leeward.rehearsal.scenarios.scenario_documents import LaunchFails, OperatorSettings
from leeward.twin.engine.lambda_runtime.invocation import InvocationRecord
from leeward.twin.engine.step_functions.executions import HistoryEvent
from tests.support.website_session import compile_website, replace_text, run_to_end, website_session

RECOVER = "Recover the servers"


def row(usage: MeasuredUsage, name: str) -> StepUsage:
    return next(each for each in usage.by_step if each.name == name)


def rows_with(usage: MeasuredUsage, operation: str) -> list[str]:
    return [each.name for each in usage.by_step if each.api_calls.get(operation)]


def assert_rows_add_up(usage: MeasuredUsage) -> None:
    calls: Counter[str] = Counter()
    for each in usage.by_step:
        calls.update(each.api_calls)
    assert calls == usage.api_calls
    assert sum(each.state_transitions for each in usage.by_step) == usage.state_transitions
    assert sum(each.lambda_invocations for each in usage.by_step) == usage.lambda_invocations
    assert sum(each.history_events for each in usage.by_step) == usage.history_events


class Played(NamedTuple):
    """A failover, and what the twin recorded of it."""

    usage: MeasuredUsage
    steps: list[tuple[str, str]]
    calls: int
    invocations: list[InvocationRecord]
    events: list[HistoryEvent]


@pytest.fixture(scope="module")
def failover() -> Played:
    with website_session() as stage:
        result, run, _ = run_to_end(stage)
        calls = sum(each.at >= run.started_at for each in stage.engine.interceptor.calls)
        steps = [(step.id, step.name) for step in run.ready.compiled.steps]
        events = stage.engine.get_history(run.execution)
        return Played(result.usage, steps, calls, stage.engine.functions.invocations, events)


def test_rows_are_the_steps_in_order_and_one_for_the_rest(failover: Played) -> None:
    assert [(each.id, each.name) for each in failover.usage.by_step] == [*failover.steps, (None, OUTSIDE_STEPS)]


def test_totals_are_what_the_twin_recorded(failover: Played) -> None:
    usage, events = failover.usage, failover.events
    assert_rows_add_up(usage)
    assert sum(usage.api_calls.values()) == failover.calls > 0
    assert usage.lambda_invocations == len(failover.invocations) > 0
    assert usage.history_events == len(events)
    assert usage.state_transitions == sum(str(each["type"]).endswith("StateEntered") for each in events)
    largest = max(len(each.get("stateEnteredEventDetails", {}).get("input", "")) for each in events)
    assert largest <= usage.largest_payload_bytes < 256 * 1024
    longest = max((each.ended_at or each.began_at) - each.began_at for each in failover.invocations)
    assert usage.longest_invocation_seconds == longest.total_seconds() > 0


@pytest.mark.parametrize(
    ("operation", "step"),
    [
        ("drs:StartRecovery", RECOVER),
        ("ec2:ModifyInstanceAttribute", "Protect the recovered servers"),
        ("elbv2:RegisterTargets", "Register with the load balancer"),
        ("route53-recovery-cluster:UpdateRoutingControlStates", "Send the users to us-west-2"),
    ],
)
def test_call_is_in_the_row_of_its_step(failover: Played, operation: str, step: str) -> None:
    assert rows_with(failover.usage, operation) == [step]


def test_begin_and_end_of_the_run_are_outside_the_steps(failover: Played) -> None:
    outside = row(failover.usage, OUTSIDE_STEPS)
    assert (outside.lambda_invocations, outside.state_transitions) == (2, 3), "begin, record the end, done"
    assert rows_with(failover.usage, "dynamodb:DeleteItem") == [OUTSIDE_STEPS], "the release of the lock"
    assert {"dynamodb:PutItem", "events:PutEvents"} < outside.api_calls.keys()


def test_failure_record_and_question_are_in_the_row_of_their_step() -> None:
    fault = LaunchFails(kind="launch-fails", group="database", times=1)
    with website_session(fault, operator=OperatorSettings(failure="retry"), failed_region=None) as stage:
        result, run, _ = run_to_end(stage)
        invocations = Counter((each.function, each.state) for each in stage.engine.functions.invocations)
    assert result.outcome is ExecutionOutcome.SUCCEEDED, result.cause
    assert_rows_add_up(result.usage)
    assert set(rows_with(result.usage, "sns:Publish")) == {RECOVER, "Ask for approval", "Tell the team"}
    states = next(set(step.states) for step in run.ready.compiled.steps if step.name == RECOVER)
    own = {key: count for key, count in invocations.items() if key[1] in states}
    assert {"leeward-record-failure", "leeward-ask", "leeward-drs-recover"} == {function for function, _ in own}
    assert row(result.usage, RECOVER).lambda_invocations == sum(own.values())


def test_rollback_is_in_the_row_of_the_undone_step() -> None:
    policy = replace_text("    timeout: 25m\n    on_failure: ask\n", "    timeout: 25m\n    on_failure: undo\n")
    fault = LaunchFails(kind="launch-fails", group="home-page")
    with website_session(fault, ready=compile_website(policy), failed_region=None) as stage:
        result, _, _ = run_to_end(stage)
    assert result.outcome is ExecutionOutcome.FAILED
    assert_rows_add_up(result.usage)
    assert rows_with(result.usage, "drs:TerminateRecoveryInstances") == [RECOVER]


def test_skipped_step_has_the_transition_of_its_gate() -> None:
    step = "Tell the team"
    with website_session(failed_region=None) as stage:
        result, run, _ = run_to_end(stage, skip=[step])
    compiled = next(each for each in run.ready.compiled.steps if each.name == step)
    assert compiled.gate is not None
    assert_rows_add_up(result.usage)
    skipped = row(result.usage, step)
    assert (skipped.api_calls, skipped.lambda_invocations, skipped.state_transitions) == ({}, 0, 1)


def test_redriven_run_counts_the_resumed_step() -> None:
    with website_session(LaunchFails(kind="launch-fails", group="home-page", times=1), failed_region=None) as stage:
        run = stage.start_run("first", {"approve": True})
        failed = assess_run(stage, run, stage.wait_for_end(run), "")
        stage.engine.redrive_execution(run.execution)
        resumed = assess_run(stage, run, stage.wait_for_end(run), "")
    assert resumed.outcome is ExecutionOutcome.SUCCEEDED
    assert_rows_add_up(resumed.usage)
    assert row(resumed.usage, RECOVER).api_calls["drs:StartRecovery"] == 4
    assert row(failed.usage, RECOVER).api_calls["drs:StartRecovery"] == 3
    before, after = row(failed.usage, "Take the lock"), row(resumed.usage, "Take the lock")
    assert before == after, "the redrive reacquires the lock outside the steps"
