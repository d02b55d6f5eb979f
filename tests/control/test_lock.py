"""One run at a time, and who may go on after it."""

from __future__ import annotations

import pytest

from leeward.control.journal.run_journal import JournalEvent, read_entries
from leeward.control.locking import application_lock
from leeward.control.run.run_reference import RunRef
from leeward.twin.engine import FaultKind
from tests.support.task_world import TaskFailed, TaskWorld, recover_parameters, run_reference

EXECUTION = "arn:aws:states:us-west-2:111122223333:execution:website-failover:run-1"


def acquire(world: TaskWorld) -> str:
    done = world.run_until_done("lock_acquire", kind="lock", step="take_the_lock", application="website")
    return str(done["detail"])


def test_acquire_records_lock_in_journal(world: TaskWorld) -> None:
    assert acquire(world) == "this run holds the lock of website"
    assert world.event_names() == ["step.started", "lock.taken", "step.done"]


def test_second_run_fails_with_holder_and_time(world: TaskWorld) -> None:
    acquire(world)
    world.advance(60)
    world.start_new_run("run-2")
    with pytest.raises(TaskFailed, match=r"LockHeld: run website.failover.run-1 has held .* since 2026-03-01 09:00:0"):
        acquire(world)


def test_acquire_is_idempotent_for_same_run(world: TaskWorld) -> None:
    acquire(world)
    held = application_lock.current_holder(world.table, "website")
    world.advance(60)
    acquire(world)
    assert application_lock.current_holder(world.table, "website") == held
    assert world.event_names().count("lock.taken") == 1


@pytest.mark.parametrize("nth", [1, 2, 3, 4])
def test_acquire_succeeds_after_lost_response(world: TaskWorld, nth: int) -> None:
    world.engine.interceptor.inject_fault("dynamodb:PutItem", FaultKind.ANSWER_LOST, nth=nth, times=4)
    acquire(world)
    held = application_lock.current_holder(world.table, "website")
    assert held is not None
    assert held.run == world.run["id"]
    assert world.event_names().count("lock.taken") == 1


def test_one_of_two_concurrent_runs_acquires_lock(world: TaskWorld) -> None:
    outcomes: list[str] = []

    def other() -> None:
        event = world.first_event("lock", "take_the_lock", application="website") | {"run": run_reference("run-2")}
        try:
            outcomes.append(world.call("lock_acquire", event)["detail"])
        except TaskFailed as failed:
            outcomes.append(failed.error)

    world.engine.clock.call_later(0, other)
    try:
        outcomes.append(acquire(world))
    except TaskFailed as failed:
        outcomes.append(failed.error)
    world.advance(5)
    assert sorted(outcomes) == ["LockHeld", "this run holds the lock of website"]


def test_take_over_records_previous_holder(world: TaskWorld) -> None:
    acquire(world)
    first = world.run["id"]
    world.start_new_run("run-2", take_over=first)
    assert acquire(world).endswith(f"taken over from {first}")
    (entry,) = [e for e in read_entries(world.table, world.run["id"]) if e.event is JournalEvent.LOCK_TAKEN_OVER]
    assert entry.facts == {"from": first}


def test_take_over_fails_for_another_holder(world: TaskWorld) -> None:
    acquire(world)
    world.start_new_run("run-2", take_over="website.failover.run-0")
    with pytest.raises(
        TaskFailed, match=r"LockHeld: run website.failover.run-1 has held .*only from website.failover.run-0"
    ):
        acquire(world)


def test_take_over_of_free_lock_acquires_it(world: TaskWorld) -> None:
    world.start_new_run("run-2", take_over="website.failover.run-1")
    assert acquire(world) == "this run holds the lock of website"


def test_take_over_fails_while_holder_is_active(world: TaskWorld) -> None:
    machine = world.engine.create_state_machine(
        "us-west-2", "m", {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 600, "End": True}}}
    )
    execution = world.engine.start_execution(machine, name="run-1", execution_input={})
    begin(world, execution)
    acquire(world)
    first = world.run["id"]
    world.start_new_run("run-2", take_over=first)
    with pytest.raises(TaskFailed, match=f"LockHeld: run {first} is still running"):
        acquire(world)
    world.client("stepfunctions").stop_execution(executionArn=execution)
    assert "taken over" in acquire(world)


def begin(world: TaskWorld, execution: str) -> None:
    runbook = {"application": "website", "runbook": "failover", "origin": "us-east-1", "target": "us-west-2"}
    parameters = {
        "execution": {"id": execution, "name": "run-1", "started_at": world.run["started_at"], "input": {}},
        "runbook": runbook | {"rto_seconds": 1, "rpo_seconds": 1, "steps": []},
    }
    world.call("run_begin", {"parameters": parameters})


def test_release_by_another_run_is_ignored(world: TaskWorld) -> None:
    acquire(world)
    mine = RunRef.model_validate(world.run)
    other = RunRef.model_validate(run_reference("run-2"))
    assert release(world, other) == []
    assert application_lock.current_holder(world.table, "website") is not None
    assert release(world, mine) == ["the lock of website was released"]
    assert application_lock.current_holder(world.table, "website") is None
    assert release(world, mine) == []


def release(world: TaskWorld, run: RunRef) -> list[str]:
    return application_lock.release_lock(world.table, run, lambda _region: world.table)


def test_lock_of_ended_run_does_not_block_next_run(world: TaskWorld) -> None:
    """Its end was written down, and the call that deletes its item was lost."""
    begin(world, EXECUTION)
    acquire(world)
    world.engine.interceptor.inject_fault("dynamodb:DeleteItem", FaultKind.ACCESS_DENIED, times=9)
    with pytest.raises(TaskFailed, match="AccessDenied"):
        world.call("run_end", {"run": world.run, "parameters": {"outcome": "succeeded", "keep_lock": False}})
    world.start_new_run("run-2")
    assert acquire(world) == "this run holds the lock of website"


def test_lock_kept_by_ended_run_blocks_next_run(world: TaskWorld) -> None:
    begin(world, EXECUTION)
    acquire(world)
    failure = {"step": "step", "error": "KeyError", "cause": "x"}
    parameters = {"outcome": "failed", "keep_lock": True, "failure": failure}
    world.call("run_end", {"run": world.run, "parameters": parameters})
    world.start_new_run("run-2")
    with pytest.raises(TaskFailed, match="LockHeld"):
        acquire(world)


def test_task_fails_while_another_run_holds_lock(world: TaskWorld) -> None:
    """A run that was redriven after it had been taken over from."""
    acquire(world)
    first = world.run
    world.start_new_run("run-2", take_over=first["id"])
    acquire(world)
    world.run = first
    with pytest.raises(TaskFailed, match=r"LockLost: run .*run-2 has held the lock of website since 2026"):
        world.poll_once("drs_recover", **recover_parameters("database"))
    assert world.launch_jobs() == []
    world.step("notify", message="still told", subject="website")  # who only tells changes nothing


def test_run_that_lost_lock_reports_it_and_does_not_release(world: TaskWorld) -> None:
    begin(world, EXECUTION)
    acquire(world)
    first = world.run
    world.start_new_run("run-2", take_over=first["id"])
    acquire(world)
    failure = {"step": "step", "error": "LockLost", "cause": "run-2 holds it"}
    parameters = {"outcome": "failed", "keep_lock": True, "failure": failure}
    cause = world.call("run_end", {"run": first, "parameters": parameters})["cause"]
    assert "Lock: lost: run website.failover.run-2 has held the lock" in cause
    assert "Now: wait until that run has ended" in cause
    held = application_lock.current_holder(world.table, "website")
    assert held is not None
    assert held.run == world.run["id"]


def test_acquire_rejects_lock_of_another_application(world: TaskWorld) -> None:
    with pytest.raises(TaskFailed, match=r"InvalidInput: parameters.application is 'shop'"):
        world.step("lock_acquire", application="shop")


@pytest.mark.parametrize(
    ("home", "waived", "error"),
    [
        # The Region has no table in this world.
        ("us-east-1", None, "NotFound: dynamodb:PutItem"),
        ("us-east-1", "us-east-1", "NotFound: dynamodb:PutItem"),
        ("us-west-2", "us-east-1", "InvalidInput: waive_lock is 'us-east-1', but the lock is kept in us-west-2"),
        ("us-east-1", "us-west-2", "InvalidInput: waive_lock is 'us-west-2', but the lock is kept in us-east-1"),
        (
            "af-south-1",
            None,
            "InvalidInput: parameters.home is 'af-south-1', but the run leads from us-east-1 to us-west",
        ),
        (
            "us-west-3",
            None,
            "InvalidInput: parameters.home is 'us-west-3', but the run leads from us-east-1 to us-west",
        ),
    ],
)
def test_lock_is_kept_and_waived_in_a_region_of_the_run(
    world: TaskWorld, home: str, waived: str | None, error: str
) -> None:
    world.run["waive_lock"] = waived
    with pytest.raises(TaskFailed, match=error):
        world.step("lock_acquire", "lock", "take_the_lock", application="website", home=home)
