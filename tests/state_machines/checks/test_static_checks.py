"""Every machine passes every static check, and each check finds the mistake that it is there for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from leeward.state_machines.analysis.execution_bounds import MAX_EVENTS, MAX_PAYLOAD_BYTES, compute_bounds
from leeward.state_machines.analysis.loop_bounds import UnboundedLoop
from leeward.state_machines.analysis.state_graph import invoked_function
from leeward.state_machines.asl import (
    Catcher,
    ChoiceState,
    Comparison,
    FailState,
    PassState,
    Retrier,
    State,
    StateMachine,
    SucceedState,
    TaskState,
)
from leeward.state_machines.build import build_runbook
from leeward.state_machines.checks.machine_report import CHECKS, check_machine
from leeward.state_machines.compile.runbook_compiler import CompiledRunbook
from leeward.state_machines.fragments.lambda_tasks import INVOKE_AND_WAIT_RESOURCE, INVOKE_RESOURCE
from leeward.state_machines.fragments.retries import RETRY_QUESTION, RETRY_TASK
from tests.state_machines.checks.quota_sized_application import quota_size
from tests.state_machines.conftest import every_machine
from tests.support.paths import RUNBOOKS_FOLDER

MACHINES = every_machine()
FAILBACK = build_runbook(RUNBOOKS_FOLDER, "website", "failback").compiled
STATES = FAILBACK.machine.states
WEBSITE = ("failover", "failback", "drill", "failback-drill")
ALL = ("States.ALL",)


@pytest.mark.parametrize("compiled", MACHINES, ids=lambda c: f"{c.application}-{c.runbook}")
def test_generated_machine_passes_all_checks(compiled: CompiledRunbook) -> None:
    assert check_machine(compiled).findings == ()


@pytest.mark.parametrize("groups", [2, 6, 20, 45])
@pytest.mark.parametrize("runbook", WEBSITE)
def test_machine_of_300_servers_stays_within_limits(runbook: str, groups: int) -> None:
    found = check_machine(quota_size(runbook, groups).compiled)
    assert found.findings == ()
    assert found.bounds is not None
    assert found.bounds.events < MAX_EVENTS
    assert found.bounds.payload_bytes < MAX_PAYLOAD_BYTES
    assert found.bounds.seconds <= found.timeout_seconds


def with_state(name: str, state: State) -> StateMachine:
    """The failback's machine with one state put in the place of another, or added."""
    return replace(FAILBACK.machine, states={**STATES, name: state})


def findings_by_check(machine: StateMachine) -> Mapping[str, str]:
    """Check -> what it found, all in one text."""
    output = {name: " | ".join(f"{f.state}: {f.text}" for f in check(machine)) for name, check in CHECKS.items()}
    return {name: text for name, text in output.items() if text}


def task(name: str) -> TaskState:
    state = STATES[name]
    assert isinstance(state, TaskState)
    return state


def first_state_calling(function: str) -> str:
    """The first state that calls a function."""
    return next(name for name, state in STATES.items() if invoked_function(state) == function)


def test_too_many_events_are_reported() -> None:
    lock = task("Take the lock")
    often = replace(lock, retry=(replace(lock.retry[-1], max_attempts=10_000),))
    assert "a run can write" in findings_by_check(with_state("Take the lock", often))["limits"]


def test_too_much_data_is_reported() -> None:
    lock = task("Take the lock")
    large = replace(lock, parameters={**lock.parameters, "Payload": {"text": "x" * 300_000}})
    found = findings_by_check(with_state("Take the lock", large))["limits"]
    assert "Take the lock: the data can grow to 300" in found


def test_unreachable_state_is_reported() -> None:
    assert (
        "Nowhere: no run can reach this state" in findings_by_check(with_state("Nowhere", SucceedState()))["reachable"]
    )


def test_missing_target_state_is_reported() -> None:
    lost = replace(task("Take the lock"), next="Gone")
    assert "leads to 'Gone'" in findings_by_check(with_state("Take the lock", lost))["reachable"]


def test_state_without_path_to_end_is_reported() -> None:
    trap = replace(task("Tell the team"), next="Tell the team", catch=())
    reports = findings_by_check(with_state("Tell the team", trap))
    assert "Tell the team: this state can't reach an end" in reports["ends"]
    assert "nothing ends the loop Tell the team" in reports["loops"]


def test_unbounded_wait_is_reported() -> None:
    name = "Retire what us-west-2 ran: done?"
    decide = STATES[name]
    assert isinstance(decide, ChoiceState)
    endless = with_state(name, replace(decide, choices=decide.choices[:-1]))  # neither the clock nor the looks end it
    assert "Retire what us-west-2 ran: look" in findings_by_check(endless)["loops"]
    with pytest.raises(UnboundedLoop):
        compute_bounds(endless)


def test_uncounted_poll_failure_is_reported() -> None:
    name = "Retire what us-west-2 ran: look missed"
    missed = STATES[name]
    assert isinstance(missed, PassState)
    uncounted = replace(missed, parameters={**missed.parameters, "attempt.$": "$.look.attempt"})
    assert "Retire what us-west-2 ran" in findings_by_check(with_state(name, uncounted))["loops"]


def test_uncounted_attempts_are_reported() -> None:
    name = "Send the users to us-east-1: again"
    again = STATES[name]
    assert isinstance(again, PassState)
    kept = {key: value for key, value in again.parameters.items() if "MathAdd" not in str(value)}
    assert (
        "Send the users to us-east-1" in findings_by_check(with_state(name, replace(again, parameters=kept)))["loops"]
    )


@pytest.mark.parametrize("target", ["Tell the team", "Record the end", "Done"])
def test_unrecorded_failure_is_reported(target: str) -> None:
    lost = replace(task("Take the lock"), catch=(Catcher(ALL, target),))
    assert "Take the lock" in findings_by_check(with_state("Take the lock", lost))["failures"]


def test_poll_hiding_its_failure_is_reported() -> None:
    name = "Fence us-west-2: look"
    look = task(name)
    hiding = replace(look, catch=(*look.catch[:-1], Catcher(ALL, "Record the end")))
    assert f"{name}: the error that is caught here" in findings_by_check(with_state(name, hiding))["failures"]


def test_end_with_lock_held_and_no_notice_is_reported() -> None:
    name = first_state_calling("leeward-preflight")
    machine = with_state(name, replace(task(name), catch=(Catcher(ALL, "Too bad"),)))
    machine = replace(machine, states={**machine.states, "Too bad": FailState("$.error.Error", "$.error.Cause")})
    assert "Too bad: a run that took the lock can end here" in findings_by_check(machine)["lock"]


def test_end_record_without_retry_is_reported() -> None:
    silent = replace(task("Record the stop"), catch=(Catcher(ALL, "Too bad"),))
    machine = with_state("Record the stop", silent)
    machine = replace(machine, states={**machine.states, "Too bad": FailState("$.error.Error", "$.error.Cause")})
    assert "Record the stop: fails into 'Too bad': after a redrive" in findings_by_check(machine)["lock"]


def test_timeout_shorter_than_worst_path_is_reported() -> None:
    assert "is cut off after 3600 s" in findings_by_check(replace(FAILBACK.machine, timeout_seconds=3600))["limits"]


def test_exclusive_paths_are_not_added_up() -> None:
    """Two ways that exclude each other are not added up."""

    def call(after: str) -> TaskState:
        return TaskState("arn:aws:states:::lambda:invoke", {"FunctionName": "f", "Payload": {}}, 60, after)

    states: dict[str, State] = {
        "Which": ChoiceState(((Comparison("$.short", True), "a"),), "b"),
        "a": call("End"),
        "b": call("c"),
        "c": call("End"),
        "End": SucceedState(),
    }
    worst = compute_bounds(StateMachine("", "Which", 600, states))
    assert (worst.events, worst.seconds) == (2 + 2 + 2 * 5 + 2, 120)


def test_question_is_not_asked_again_after_its_time() -> None:
    """An earlier try failed to ask, within one call. A call without a token may use up its time in each try."""

    def bound(retry: tuple[Retrier, ...], resource: str) -> int:
        ask = TaskState(resource, {"FunctionName": "f", "Payload": {}}, 1800, "End", retry=retry)
        return compute_bounds(StateMachine("", "Ask", 7200, {"Ask": ask, "End": SucceedState()})).seconds

    delays, call = 2 + 4 + 8 + 16 + 30, 45
    assert bound(RETRY_QUESTION, INVOKE_AND_WAIT_RESOURCE) == 5 * call + 1800 + delays
    assert bound(RETRY_QUESTION, INVOKE_RESOURCE) == 6 * 1800 + delays
    assert bound(RETRY_TASK, INVOKE_AND_WAIT_RESOURCE) == 6 * 1800 + delays


def test_ask_loop_is_bounded_by_person() -> None:
    """`ask` leads back to the step without a count: the run waits for that person each time."""
    assert any(name.endswith(": decided") for name in STATES)
    assert "loops" not in findings_by_check(FAILBACK.machine)


def test_cross_region_calls_are_listed_with_step() -> None:
    abroad = check_machine(build_runbook(RUNBOOKS_FOLDER, "website", "failover").compiled).cross_region_calls
    assert {(call.function, call.region) for call in abroad if "," not in call.region} == {
        ("leeward-drs-reverse", "us-east-1")
    }, "a failover needs nothing of the Region that it leaves but the last step's replication back"
    back = {(call.function, call.region) for call in check_machine(FAILBACK).cross_region_calls}
    assert {("leeward-lock-acquire", "us-west-2"), ("leeward-alb-deregister", "us-west-2")} <= back
