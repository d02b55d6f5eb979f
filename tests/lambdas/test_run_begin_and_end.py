"""A run's first and last tasks, and what they write down."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from leeward.control.journal.run_journal import Journal, JournalEntry, JournalEvent, read_chain
from leeward.control.locking import application_lock
from leeward.control.run.run_index import list_runs
from leeward.drs.launch.launch_intents import LaunchIntent, LaunchIntentStore
from leeward.twin.engine import FaultKind
from tests.support.task_world import TaskFailed, TaskWorld, recover_parameters

STEPS = [
    {"id": "take_the_lock", "name": "Take the lock", "kind": "lock"},
    {"id": "step", "name": "Recover the servers", "kind": "drs.recover"},
    {"id": "tell", "name": "Tell the team", "kind": "notify"},
]
EXECUTION = "arn:aws:states:us-west-2:111122223333:execution:website-failover:run-1"


def begin(world: TaskWorld, run_input: Any = None, target: str = "us-west-2", steps: Any = STEPS) -> dict[str, Any]:
    runbook = {"application": "website", "runbook": "failover", "origin": "us-east-1", "target": target}
    execution = {"id": EXECUTION, "name": "run-1", "started_at": "2026-03-01T09:00:00Z", "input": run_input or {}}
    objectives = {"rto_seconds": 1800, "rpo_seconds": 300}
    parameters = {"execution": execution, "runbook": runbook | objectives | {"steps": steps}}
    world.run = world.call("run_begin", {"parameters": parameters})["run"]
    return world.run


def end(world: TaskWorld, *, keep_lock: bool = False, **failure: str) -> dict[str, Any]:
    parameters: dict[str, Any] = {"outcome": "failed" if failure else "succeeded", "keep_lock": keep_lock}
    if failure:
        parameters["failure"] = failure
    return dict(world.call("run_end", {"run": world.run, "parameters": parameters}))


def take_lock(world: TaskWorld) -> None:
    world.step("lock_acquire", "lock", "take_the_lock", application="website")


def test_run_begin_is_idempotent_and_keeps_input(world: TaskWorld) -> None:
    run = begin(world, {"reason": "storm", "approve": True})
    assert run["id"] == "website.failover.run-1"
    assert (run["approved"], run["reason"], run["incident_at"]) == (True, "storm", None)
    begin(world, {"reason": "storm", "approve": True})
    assert world.event_names() == ["run.began"]
    assert world.journal[0].facts["execution"] == EXECUTION


def test_invalid_input_begins_no_run(world: TaskWorld) -> None:
    with pytest.raises(TaskFailed, match="InvalidInput: the run's input: unknown key 'aprove'; did you mean 'approve'"):
        begin(world, {"aprove": True})
    assert world.journal == []


def test_run_begin_rejects_wrong_region(world: TaskWorld) -> None:
    with pytest.raises(TaskFailed, match="enters us-east-1, but it was started in us-west-2: start it there"):
        begin(world, target="us-east-1")


def test_successful_end_releases_lock(world: TaskWorld) -> None:
    begin(world)
    take_lock(world)
    world.run_until_done("drs_recover", **recover_parameters())
    ended = end(world)
    assert (ended["outcome"], ended["error"]) == ("succeeded", "")
    assert "succeeded" in ended["cause"]
    assert application_lock.current_holder(world.table, "website") is None
    assert world.event_names()[-2:] == ["run.ended", "lock.released"]


def test_failed_end_lists_done_and_undone_steps(world: TaskWorld) -> None:
    begin(world)
    take_lock(world)
    for server in world.drs.servers("us-west-2"):
        world.drs.fail_launch(server.server_id, "no capacity", times=1)
    with pytest.raises(TaskFailed) as failed:
        world.run_until_done("drs_recover", **recover_parameters())
    cause = f'{{"errorMessage": "{failed.value.cause}", "errorType": "LaunchFailed"}}'
    failure = world.step("record_failure", error={"Error": "LaunchFailed", "Cause": cause}, policy="stop")
    ended = end(world, **failure)
    assert ended["error"] == "LaunchFailed"
    assert "Failed: Recover the servers: LaunchFailed: 2 of 2 servers of group 'web' did not" in ended["cause"]
    assert "no capacity" in ended["cause"]
    assert "Done: Take the lock." in ended["cause"]
    assert "Not done: Tell the team." in ended["cause"]
    assert "Users: were not moved" in ended["cause"]
    assert application_lock.current_holder(world.table, "website") is None
    ((subject, body),) = world.messages
    assert subject == "website failover: failed"
    assert body.startswith(ended["cause"])
    (end_of_it,) = [link for link in read_chain(world.table, world.run["id"]) if link.event == "run.ended"]
    assert end_of_it.hash in body
    assert f"leeward show {world.run['id']}" in body


def test_failed_end_reports_unrecorded_launch(world: TaskWorld) -> None:
    begin(world)
    book = LaunchIntentStore(world.table, world.run["id"], "step", "web")
    for number, (server, job) in enumerate({"s-1": "drsjob-1", "s-2": "drsjob-2", "s-3": None}.items()):
        order = LaunchIntent(number, (server,), datetime(2026, 3, 1, 9, tzinfo=UTC), "request")
        assert book.record(order)
        if job is not None:
            book.record_job(order, job)
    output = JournalEntry(
        datetime(2026, 3, 1, 9, tzinfo=UTC), JournalEvent.STEP_WAITING, "looks", "step", 1, {"jobs": ["drsjob-1"]}
    )
    Journal(world.table, world.run["id"], "request").write(output)
    cause = end(world, step="step", error="Throttled", cause="the table")["cause"]
    assert "Launched, but not recorded by any step: drsjob-2 for s-2, a job that never answered for s-3.\n" in cause


def test_unexpected_error_keeps_lock_with_instructions(world: TaskWorld) -> None:
    begin(world)
    take_lock(world)
    lambdas_json = '{"errorMessage": "division by zero", "errorType": "ZeroDivisionError"}'
    ended = end(world, keep_lock=True, step="step", error="ZeroDivisionError", cause=lambdas_json)
    assert "Failed: Recover the servers: ZeroDivisionError: division by zero" in ended["cause"]
    assert '{"take_over": "website.failover.run-1"}' in ended["cause"]
    held = application_lock.current_holder(world.table, "website")
    assert held is not None
    assert held.run == world.run["id"]


def test_run_end_is_idempotent(world: TaskWorld) -> None:
    begin(world)
    take_lock(world)
    first = end(world, step="step", error="TimedOut", cause="too long")
    world.advance(60)
    assert end(world, step="step", error="TimedOut", cause="too long") == first
    assert world.event_names().count("run.ended") == 1
    assert len(world.messages) == 1


def test_run_end_releases_lock_after_crash(world: TaskWorld) -> None:
    begin(world)
    take_lock(world)
    world.engine.interceptor.inject_fault("dynamodb:DeleteItem", FaultKind.ACCESS_DENIED)
    with pytest.raises(TaskFailed, match="AccessDenied"):
        end(world)
    assert application_lock.current_holder(world.table, "website") is not None
    end(world)
    assert application_lock.current_holder(world.table, "website") is None


def test_failed_notification_does_not_hide_end(world: TaskWorld) -> None:
    begin(world)
    world.engine.interceptor.inject_fault("sns:Publish", FaultKind.ACCESS_DENIED, times=9)
    assert end(world, step="step", error="X", cause="y")["error"] == "X"


def test_register_lists_runs_with_outcome(world: TaskWorld) -> None:
    begin(world)
    begin(world)
    (known,) = list_runs(world.table, "website")
    assert (known.run, known.execution, known.outcome) == (world.run["id"], EXECUTION, None)
    end(world, step="step", error="X", cause="y")
    end(world, step="step", error="X", cause="y")
    (known,) = list_runs(world.table, "website")
    assert (known.runbook, known.outcome) == ("failover", "failed")
    assert known.ended_at is not None
    assert list_runs(world.table, "another") == []


def test_unanswered_question_is_recorded(world: TaskWorld) -> None:
    begin(world)
    world.call("approval_request", world.event(message="go?", default="approve") | {"token": "t" * 40})
    end(world)
    end(world)
    lapsed = [e for e in world.journal if e.event == "question.lapsed"]
    assert [e.facts["decision"] for e in lapsed] == ["approve"]


def test_run_end_requires_failure_for_failed_run(world: TaskWorld) -> None:
    begin(world)
    parameters = {"outcome": "failed", "keep_lock": False}
    with pytest.raises(TaskFailed, match=r"InvalidInput: .*a failed run has a failure"):
        world.call("run_end", {"run": world.run, "parameters": parameters})


def test_recorded_failure_has_policy(world: TaskWorld) -> None:
    failure = world.step("record_failure", error={"Error": "States.Timeout", "Cause": ""}, policy="continue")
    assert failure == {
        "step": "step",
        "error": "States.Timeout",
        "cause": "no response arrived within the step's time",
    }
    assert world.journal[-1].facts == {"error": "States.Timeout", "policy": "continue"}


@pytest.mark.parametrize("given", [{}, {"error": "LaunchFailed"}, {"error": {"Error": "X"}, "branches": []}])
def test_failure_must_be_caught_error(world: TaskWorld, given: dict[str, Any]) -> None:
    with pytest.raises(TaskFailed, match="InvalidInput: the event of record_failure is malformed: parameters"):
        world.step("record_failure", policy="stop", **given)


def test_run_end_notifies_team(world: TaskWorld) -> None:
    world.step("notify", message="We are in us-west-2.", subject="website: moved")
    assert world.messages == [("website: moved", f"We are in us-west-2.\n\nRun {world.run['id']}")]


def test_unrecorded_end_shows_next_command_for_long_failure(world: TaskWorld) -> None:
    begin(world)
    world.engine.interceptor.inject_fault("dynamodb:PutItem", FaultKind.ACCESS_DENIED, times=None)
    with pytest.raises(TaskFailed) as failed:
        end(world, step="step", error="LaunchFailed", cause="no capacity; " * 600)
    assert failed.value.error == "AccessDenied"
    assert failed.value.cause.endswith(
        f"Now: fix that error, then run `leeward resume {world.run['id']}` to record the end"
    )


def test_unexpected_error_in_run_end_shows_next_command(world: TaskWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    begin(world)
    monkeypatch.setattr("leeward.lambdas.run_end.run_summary.summarize_run", unexpected_error)
    with pytest.raises(TaskFailed) as failed:
        end(world, step="step", error="LaunchFailed", cause="no capacity")
    assert failed.value.error == "EndUntold"
    assert failed.value.cause.startswith(
        f"Run {world.run['id']} failed at step: LaunchFailed: no capacity. The end could"
    )
    assert "ZeroDivisionError: a defect" in failed.value.cause
    assert f"`leeward resume {world.run['id']}`" in failed.value.cause


def unexpected_error(*given: Any, **named: Any) -> Any:
    raise ZeroDivisionError("a defect")


def test_message_without_sns_id_counts_as_sent(world: TaskWorld) -> None:
    world.engine.interceptor.inject_fault("sns:Publish", FaultKind.MISSING_FIELD)
    world.step("notify", message="We are in us-west-2.", subject="website: moved")
    assert [subject for subject, _ in world.messages] == ["website: moved"]


def test_run_begin_fails_when_register_write_fails(world: TaskWorld) -> None:
    world.engine.interceptor.inject_fault("dynamodb:PutItem", FaultKind.THROTTLED, times=3)
    with pytest.raises(TaskFailed, match="Throttled"):
        begin(world)
    assert world.run["id"] == "website.failover.run-1"
    assert world.journal == []
