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
from tests.lambdas.world import Failed, World, recover

STEPS = [
    {"id": "take_the_lock", "name": "Take the lock", "kind": "lock"},
    {"id": "step", "name": "Recover the servers", "kind": "drs.recover"},
    {"id": "tell", "name": "Tell the team", "kind": "notify"},
]
EXECUTION = "arn:aws:states:us-west-2:111122223333:execution:website-failover:run-1"


def begin(world: World, given: Any = None, target: str = "us-west-2", steps: Any = STEPS) -> dict[str, Any]:
    runbook = {"application": "website", "runbook": "failover", "origin": "us-east-1", "target": target}
    execution = {"id": EXECUTION, "name": "run-1", "started_at": "2026-03-01T09:00:00Z", "input": given or {}}
    objectives = {"rto_seconds": 1800, "rpo_seconds": 300}
    parameters = {"execution": execution, "runbook": runbook | objectives | {"steps": steps}}
    world.run = world.call("run_begin", {"parameters": parameters})
    return world.run


def end(world: World, *, keep_lock: bool = False, **failure: str) -> dict[str, Any]:
    parameters: dict[str, Any] = {"outcome": "failed" if failure else "succeeded", "keep_lock": keep_lock}
    if failure:
        parameters["failure"] = failure
    return dict(world.call("run_end", {"run": world.run, "parameters": parameters}))


def take_lock(world: World) -> None:
    world.step("lock_acquire", "lock", "take_the_lock", application="website")


def test_a_run_begins_once_and_carries_its_input(world: World) -> None:
    run = begin(world, {"reason": "storm", "approve": True})
    assert run["id"] == "website.failover.run-1"
    assert (run["approved"], run["reason"], run["incident_at"]) == (True, "storm", None)
    begin(world, {"reason": "storm", "approve": True})
    assert world.events() == ["run.began"]
    assert world.journal[0].facts["execution"] == EXECUTION


def test_an_input_that_is_not_understood_begins_nothing(world: World) -> None:
    with pytest.raises(Failed, match="InvalidInput: the run's input: unknown key 'aprove'; did you mean 'approve'"):
        begin(world, {"aprove": True})
    assert world.journal == []


def test_a_machine_in_the_wrong_region_begins_nothing(world: World) -> None:
    with pytest.raises(Failed, match="enters us-east-1, but it was started in us-west-2: start it there"):
        begin(world, target="us-east-1")


def test_a_success_releases_the_lock(world: World) -> None:
    begin(world)
    take_lock(world)
    world.drive("drs_recover", **recover())
    ended = end(world)
    assert (ended["outcome"], ended["error"]) == ("succeeded", "")
    assert "succeeded" in ended["cause"]
    assert application_lock.current_holder(world.table, "website") is None
    assert world.events()[-2:] == ["run.ended", "lock.released"]


def test_a_failure_says_what_was_done_and_what_was_not(world: World) -> None:
    begin(world)
    take_lock(world)
    for server in world.drs.servers("us-west-2"):
        world.drs.fail_launch(server.server_id, "no capacity", times=1)
    with pytest.raises(Failed) as failed:
        world.drive("drs_recover", **recover())
    cause = f'{{"errorMessage": "{failed.value.cause}", "errorType": "LaunchFailed"}}'
    branches = [{"group": "web", "outcome": "failed", "error": "LaunchFailed", "cause": cause}]
    failure = world.step("record_failure", branches=branches, policy="stop")
    ended = end(world, **failure)
    assert ended["error"] == "LaunchFailed"
    assert "Failed: Recover the servers: LaunchFailed: web: 2 of 2 servers" in ended["cause"]
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


def test_a_launch_of_which_no_step_could_tell_is_told_at_the_end(world: World) -> None:
    begin(world)
    book = LaunchIntentStore(world.table, world.run["id"], "step", "web")
    for number, (server, job) in enumerate({"s-1": "drsjob-1", "s-2": "drsjob-2", "s-3": None}.items()):
        order = LaunchIntent(number, (server,), datetime(2026, 3, 1, 9, tzinfo=UTC), "request")
        assert book.record(order)
        if job is not None:
            book.record_job(order, job)
    told = JournalEntry(
        datetime(2026, 3, 1, 9, tzinfo=UTC), JournalEvent.STEP_WAITING, "looks", "step", 1, {"jobs": ["drsjob-1"]}
    )
    Journal(world.table, world.run["id"], "request").write(told)
    cause = end(world, step="step", error="Throttled", cause="the table")["cause"]
    assert "Launched, and told of by no step: drsjob-2 for s-2, a job that never answered for s-3.\n" in cause


def test_adefect_keeps_the_lock_and_says_how_to_go_on(world: World) -> None:
    begin(world)
    take_lock(world)
    lambdas_json = '{"errorMessage": "division by zero", "errorType": "ZeroDivisionError"}'
    ended = end(world, keep_lock=True, step="step", error="ZeroDivisionError", cause=lambdas_json)
    assert "Failed: Recover the servers: ZeroDivisionError: division by zero" in ended["cause"]
    assert '{"take_over": "website.failover.run-1"}' in ended["cause"]
    held = application_lock.current_holder(world.table, "website")
    assert held is not None
    assert held.run == world.run["id"]


def test_the_end_is_the_same_when_it_is_asked_for_again(world: World) -> None:
    begin(world)
    take_lock(world)
    first = end(world, step="step", error="TimedOut", cause="too long")
    world.later(60)
    assert end(world, step="step", error="TimedOut", cause="too long") == first
    assert world.events().count("run.ended") == 1
    assert len(world.messages) == 1


def test_a_crash_between_the_end_and_the_release_is_mended(world: World) -> None:
    begin(world)
    take_lock(world)
    world.engine.interceptor.inject_fault("dynamodb:DeleteItem", FaultKind.ACCESS_DENIED)
    with pytest.raises(Failed, match="AccessDenied"):
        end(world)
    assert application_lock.current_holder(world.table, "website") is not None
    end(world)
    assert application_lock.current_holder(world.table, "website") is None


def test_a_team_that_cannot_be_told_does_not_hide_the_end(world: World) -> None:
    begin(world)
    world.engine.interceptor.inject_fault("sns:Publish", FaultKind.ACCESS_DENIED, times=9)
    assert end(world, step="step", error="X", cause="y")["error"] == "X"


def test_the_register_lists_the_runs_and_how_they_ended(world: World) -> None:
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


def test_a_question_that_nobody_answered_is_written_down(world: World) -> None:
    begin(world)
    world.call("approval_request", world.event(message="go?", default="approve") | {"token": "t" * 40})
    end(world)
    end(world)
    lapsed = [e for e in world.journal if e.event == "question.lapsed"]
    assert [e.facts["decision"] for e in lapsed] == ["approve"]


def test_a_failed_run_needs_a_failure(world: World) -> None:
    begin(world)
    parameters = {"outcome": "failed", "keep_lock": False}
    with pytest.raises(Failed, match=r"InvalidInput: .*a failed run has a failure"):
        world.call("run_end", {"run": world.run, "parameters": parameters})


def test_a_recorded_failure_names_its_policy(world: World) -> None:
    failure = world.step("record_failure", error={"Error": "States.Timeout", "Cause": ""}, policy="continue")
    assert failure == {
        "step": "step",
        "error": "States.Timeout",
        "cause": "no answer came within the step's time",
    }
    assert world.journal[-1].facts == {"error": "States.Timeout", "policy": "continue"}


@pytest.mark.parametrize("given", [{}, {"error": {"Error": "X"}, "branches": []}])
def test_a_failure_is_an_error_or_branches(world: World, given: dict[str, Any]) -> None:
    with pytest.raises(Failed, match=r"InvalidInput: .*either an error or branches"):
        world.step("record_failure", policy="stop", **given)


def test_the_team_is_told(world: World) -> None:
    world.step("notify", message="We are in us-west-2.", subject="website: moved")
    assert world.messages == [("website: moved", f"We are in us-west-2.\n\nRun {world.run['id']}")]


def test_an_end_that_could_not_be_recorded_names_the_way_on_however_long_the_failure_is(world: World) -> None:
    begin(world)
    world.engine.interceptor.inject_fault("dynamodb:PutItem", FaultKind.ACCESS_DENIED, times=None)
    with pytest.raises(Failed) as failed:
        end(world, step="step", error="LaunchFailed", cause="no capacity; " * 600)
    assert failed.value.error == "AccessDenied"
    assert failed.value.cause.endswith(f"Now: mend that; `leeward resume {world.run['id']}` records the end")


def test_adefect_in_the_end_itself_names_the_way_on(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    begin(world)
    monkeypatch.setattr("leeward.lambdas.run_end.run_summary.summarize_run", defect)
    with pytest.raises(Failed) as failed:
        end(world, step="step", error="LaunchFailed", cause="no capacity")
    assert failed.value.error == "EndUntold"
    assert failed.value.cause.startswith(
        f"Run {world.run['id']} failed at step: LaunchFailed: no capacity. The end could"
    )
    assert "ZeroDivisionError: a defect" in failed.value.cause
    assert f"`leeward resume {world.run['id']}`" in failed.value.cause


def defect(*given: Any, **named: Any) -> Any:
    raise ZeroDivisionError("a defect")


def test_a_message_that_sns_gives_no_number_is_sent(world: World) -> None:
    world.engine.interceptor.inject_fault("sns:Publish", FaultKind.MISSING_FIELD)
    world.step("notify", message="We are in us-west-2.", subject="website: moved")
    assert [subject for subject, _ in world.messages] == ["website: moved"]


def test_a_run_that_can_not_be_listed_begins_nothing(world: World) -> None:
    world.engine.interceptor.inject_fault("dynamodb:PutItem", FaultKind.THROTTLED, times=3)
    with pytest.raises(Failed, match="Throttled"):
        begin(world)
    assert world.run["id"] == "website.failover.run-1"
    assert world.journal == []
