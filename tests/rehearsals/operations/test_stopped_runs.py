"""Each way in which a run can stop, and what its operator sees and does: the rows of the table in docs/operations.md.

The rows of approvals, of a failed check and of `abort --stop` are in test_operating.py.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.rehearsals.operations.conftest import Leeward
from tests.support.served_twin import ORIGIN, TARGET, ServedTwin

MACHINE = f"arn:aws:states:{TARGET}:111122223333:stateMachine:website-"
ASKS = "Ask for approval: wait for the answer"


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedTwin]:
    """A calm world whose time a test moves on."""
    made = ServedTwin("--json", "--pace", "5", lines=1, log=tmp_path_factory.mktemp("server") / "stderr")
    yield made
    made.close()


@pytest.fixture(autouse=True)
def _lock_is_free(host: ServedTwin) -> Iterator[None]:
    """What a test leaves running is stopped, and what it leaves held is let go, as the next run's take_over would."""
    yield
    states = host.client("stepfunctions")
    for runbook in ("failover", "drill"):
        for run in states.list_executions(stateMachineArn=MACHINE + runbook, statusFilter="RUNNING")["executions"]:
            states.stop_execution(executionArn=run["executionArn"])
    key = {"pk": {"S": "LOCK#website"}, "sk": {"S": "LOCK"}}
    host.client("dynamodb").delete_item(TableName="leeward-website", Key=key)


def start(leeward: Leeward, name: str, runbook: str = "failover", **given: Any) -> str:
    code, output = leeward("start", "website", runbook, "--name", name, "--reason", "x", "--input", json.dumps(given))
    assert code == 0, output
    return f"website.{runbook}.{name}"


def start_waiting_run(host: ServedTwin, leeward: Leeward, name: str, **given: Any) -> str:
    """A run that waits for its approval."""
    run = start(leeward, name, **given)
    host.advance(20)
    assert "waiting for an answer until" in leeward("status", "website")[1]
    return run


def assert_watch_shows(leeward: Leeward, run: str, *texts: str, code: int = 1) -> str:
    """`leeward watch RUN --once` ends so and says all of these."""
    found, output = leeward("watch", run, "--once")
    assert found == code, output
    for text in texts:
        assert text in output, f"{text!r} is not in: {output}"
    return output


def deploy_changed_machine(host: ServedTwin, runbook: str, *replaced: tuple[str, str]) -> str:
    """Deploy the state machine with a change; what it was."""
    states = host.client("stepfunctions")
    was: str = states.describe_state_machine(stateMachineArn=MACHINE + runbook)["definition"]
    text = was
    for old, new in replaced:
        assert old in text, old
        text = text.replace(old, new)
    states.update_state_machine(stateMachineArn=MACHINE + runbook, definition=text)
    return was


@pytest.mark.verify("a served run of its own until its time-out")
def test_timed_out_run_keeps_lock_and_resumes_with_full_time(host: ServedTwin, leeward: Leeward) -> None:
    """Step Functions ends it without a word of the run's own."""
    states = host.client("stepfunctions")
    definition = json.loads(states.describe_state_machine(stateMachineArn=MACHINE + "failover")["definition"])
    was = deploy_changed_machine(
        host, "failover", (f'"TimeoutSeconds": {definition["TimeoutSeconds"]}', '"TimeoutSeconds": 120')
    )
    try:
        run = start_waiting_run(host, leeward, "over")
    finally:
        states.update_state_machine(stateMachineArn=MACHINE + "failover", definition=was)
    host.advance(120)
    assert "TIMED_OUT" in leeward("status", "website")[1]
    assert_watch_shows(leeward, run, "TIMED_OUT")
    second = start(leeward, "meanwhile")
    host.advance(10)
    assert_watch_shows(leeward, second, "FAILED, LockHeld", run)
    code, output = leeward("resume", run)
    assert (code, "resumed (" in output) == (0, True), output
    host.advance(60)
    assert_watch_shows(leeward, run, "RUNNING", code=0)
    host.advance(70)
    assert_watch_shows(leeward, run, "TIMED_OUT")


def test_resume_fails_while_another_run_holds_lock(host: ServedTwin, leeward: Leeward) -> None:
    holds = start_waiting_run(host, leeward, "holds")
    waits = start(leeward, "waits")
    host.advance(10)
    assert_watch_shows(leeward, waits, "FAILED, LockHeld", holds)
    code, output = leeward("resume", waits)
    assert (code, f"run {holds} holds the lock" in output) == (1, True), output
    assert leeward("reject", holds, "--reason", "no", who="bob")[0] == 0
    host.advance(10)
    assert leeward("resume", waits)[0] == 0
    host.advance(20)
    assert "waiting for an answer until" in leeward("status", "website")[1]


@pytest.mark.verify("two served runs of its own")
def test_taken_over_run_cannot_resume(host: ServedTwin, leeward: Leeward) -> None:
    first = start_waiting_run(host, leeward, "first")
    assert leeward("abort", first, "--stop", "--reason", "wrong")[0] == 0
    assert_watch_shows(leeward, first, "ABORTED")
    second = start_waiting_run(host, leeward, "second", take_over=first)
    code, output = leeward("resume", first)
    assert (code, f"run {second} holds the lock" in output) == (1, True), output
    states = host.client("stepfunctions")  # somebody redrives it in the console all the same
    states.redrive_execution(executionArn=f"{MACHINE.replace('stateMachine', 'execution')}failover:first")
    host.advance(30)
    leeward("approve", first, "--reason", "x", who="bob")
    host.advance(30)
    assert_watch_shows(leeward, first, "FAILED", "LockLost")
    assert_watch_shows(leeward, second, "RUNNING", code=0)


def test_unanswered_failure_question_fails_run(host: ServedTwin, leeward: Leeward) -> None:
    host.post("fault", {"kind": "replication", "group": "database", "lag": "20m"})
    host.advance(2)
    try:
        run = start_waiting_run(host, leeward, "unanswered")
        assert_watch_shows(leeward, run, "RUNNING", code=0)
        host.advance(1810)
        assert_watch_shows(leeward, run, "FAILED, RpoExceeded", "Lock: released")
    finally:
        host.post("fault", {"kind": "replication", "group": "database", "lag": "5s"})
        host.advance(2)


def test_undone_run_must_be_started_again(host: ServedTwin, leeward: Leeward) -> None:
    host.post("fault", {"kind": "call", "operation": "drs:StartRecovery", "fault": "denied"})
    run = start(leeward, "undoes", "drill")
    host.advance(120)
    output = assert_watch_shows(leeward, run, "FAILED, AccessDenied", "Lock: released")
    assert "rolled back" in output.lower() or "undone" in output.lower()
    code, output = leeward("resume", run)
    assert (code, "Start a new run of drill" in output) == (1, True), output


@pytest.mark.verify("two served runs of its own")
def test_failed_undo_keeps_lock_for_take_over(host: ServedTwin, leeward: Leeward) -> None:
    host.post("fault", {"kind": "call", "operation": "drs:StartRecovery", "fault": "denied", "nth": 2})
    host.post("fault", {"kind": "call", "operation": "drs:TerminateRecoveryInstances", "fault": "denied", "times": 9})
    run = start(leeward, "half", "drill")
    host.advance(1500)
    output = assert_watch_shows(leeward, run, "FAILED, AccessDenied", "Lock: still held", "partly rolled back")
    assert "Also failed: rollback of Recover the servers as a drill: AccessDenied: drs:TerminateRecov" in output
    assert "Passed over" not in output
    assert f'start drill of website again with {{"take_over": "{run}"' in output
    code, output = leeward("resume", run)
    assert (code, f"`leeward watch {run} --once`" in output) == (1, True), output
    refused = start(leeward, "beside", "drill")
    host.advance(10)
    assert_watch_shows(leeward, refused, "FAILED, LockHeld", run)
    again = start(leeward, "instead", "drill", take_over=run)
    host.advance(10)
    assert_watch_shows(leeward, again, "RUNNING", code=0)


def test_stopped_run_resumes_after_fix(host: ServedTwin, leeward: Leeward) -> None:
    run = start_waiting_run(host, leeward, "stops")
    host.post("fault", {"kind": "call", "operation": "drs:StartRecovery", "fault": "denied"})
    assert leeward("approve", run, "--reason", "looked", who="bob")[0] == 0
    host.advance(60)
    assert "AccessDenied" in leeward("status", "website")[1]
    assert leeward("abort", run, "--reason", "a missing permission", who="bob")[0] == 0
    host.advance(60)
    assert_watch_shows(leeward, run, "FAILED, AccessDenied", "Lock: released", "Done:", "Not done:")
    code, output = leeward("resume", run)
    assert (code, "resumed (" in output) == (0, True), output
    host.advance(5)
    assert_watch_shows(leeward, run, "RUNNING", code=0)


def test_missing_function_fails_its_step(host: ServedTwin, leeward: Leeward) -> None:
    """A function that is not there, as after half a deployment, has done nothing. So the lock is released."""
    was = deploy_changed_machine(
        host, "failover", ('"FunctionName": "leeward-approval-request"', '"FunctionName": "leeward-gone"')
    )
    try:
        run = start(leeward, "defect")
        host.advance(60)
    finally:
        host.client("stepfunctions").update_state_machine(stateMachineArn=MACHINE + "failover", definition=was)
    assert_watch_shows(leeward, run, "FAILED, Lambda.ResourceNotFoundException", "Lock: released")
    second = start_waiting_run(host, leeward, "after-fixing")
    assert_watch_shows(leeward, second, "RUNNING", code=0)


def test_invalid_input_starts_no_run(host: ServedTwin, leeward: Leeward) -> None:
    """As from the console: the command would not have sent it."""
    states = host.client("stepfunctions")
    execution = states.start_execution(stateMachineArn=MACHINE + "failover", name="typo", input='{"aprove": true}')
    host.advance(10)
    ended = states.describe_execution(executionArn=execution["executionArn"])
    assert (ended["status"], ended["error"]) == ("FAILED", "InvalidInput")
    assert "aprove" in ended["cause"]
    assert "typo" not in leeward("history", "website")[1]


def test_run_in_unavailable_region_is_unknown(host: ServedTwin, leeward: Leeward) -> None:
    run = start_waiting_run(host, leeward, "dark")
    host.post("incident", {"dark": TARGET})
    try:
        code, output = leeward("status", "website")
        assert f"{TARGET}: unknown" in output
        assert ORIGIN not in output
        code, output = leeward("resume", run)
        assert (code, f"{TARGET} did not respond, and may have it" in output) == (2, True), output
    finally:
        host.post("incident", {"light": TARGET})


def test_unrecorded_end_is_recorded_on_resume(host: ServedTwin, leeward: Leeward) -> None:
    run = start_waiting_run(host, leeward, "unwritten")
    host.post("pace", {"pace": 1})  # the fault must come before the run has ended
    try:
        assert leeward("reject", run, "--reason", "no", who="bob")[0] == 0
        host.post("fault", {"kind": "call", "operation": "dynamodb:PutItem", "fault": "denied", "times": 3})
    finally:
        host.post("pace", {"pace": 5})
    host.advance(60)
    assert_watch_shows(leeward, run, "FAILED", "lock may", f"leeward resume {run}")
    assert leeward("resume", run)[0] == 0
    host.advance(60)
    assert_watch_shows(leeward, run, "FAILED", "Rejected")


def test_end_rejected_by_step_functions_is_reported(host: ServedTwin, leeward: Leeward) -> None:
    run = start_waiting_run(host, leeward, "untold")
    # As often as the last task is tried.
    host.post("fault", {"kind": "call", "operation": "states:SendTaskFailure", "fault": "denied", "times": 6})
    assert leeward("reject", run, "--reason", "no", who="bob")[0] == 0
    host.advance(120)
    output = assert_watch_shows(
        leeward, run, "FAILED, EndUntold", "Rejected", "Lock: released", "Now: ", "SendTaskFailure"
    )
    assert "errorMessage" not in output
    assert leeward("resume", run)[0] == 0
    host.advance(20)
    assert "waiting for an answer until" in leeward("status", "website")[1]
