"""One run at a time, and who may go on after it."""

from __future__ import annotations

import pytest

from leeward.control.journal.run_journal import JournalEvent, read_entries
from leeward.control.locking import application_lock
from leeward.control.run.run_reference import RunRef
from leeward.twin.engine import FaultKind
from tests.lambdas.world import Failed, World, recover, run_ref

EXECUTION = "arn:aws:states:us-west-2:111122223333:execution:website-failover:run-1"


def take(world: World) -> str:
    return str(world.retried("lock_acquire", world.event("lock", "take_the_lock", application="website"))["detail"])


def test_the_lock_is_taken_and_journaled(world: World) -> None:
    assert take(world) == "this run holds the lock of website"
    assert world.events() == ["step.started", "lock.taken", "step.done"]


def test_the_second_run_is_told_which_holds_it_and_since_when(world: World) -> None:
    take(world)
    world.later(60)
    world.new_run("run-2")
    with pytest.raises(Failed, match=r"LockHeld: run website.failover.run-1 holds .* since 2026-03-01 09:00:0"):
        take(world)


def test_the_same_run_may_take_it_again_and_holds_it_since_the_first_time(world: World) -> None:
    take(world)
    held = application_lock.current_holder(world.table, "website")
    world.later(60)
    take(world)
    assert application_lock.current_holder(world.table, "website") == held
    assert world.events().count("lock.taken") == 1


@pytest.mark.parametrize("nth", [1, 2, 3, 4])
def test_a_lost_answer_anywhere_ends_with_the_lock(world: World, nth: int) -> None:
    world.engine.interceptor.inject_fault("dynamodb:PutItem", FaultKind.ANSWER_LOST, nth=nth, times=4)
    take(world)
    held = application_lock.current_holder(world.table, "website")
    assert held is not None
    assert held.run == world.run["id"]
    assert world.events().count("lock.taken") == 1


def test_of_two_at_once_one_gets_it(world: World) -> None:
    outcomes: list[str] = []

    def other() -> None:
        event = world.event("lock", "take_the_lock", application="website") | {"run": run_ref("run-2")}
        try:
            outcomes.append(world.call("lock_acquire", event)["detail"])
        except Failed as failed:
            outcomes.append(failed.error)

    world.engine.clock.call_later(0, other)
    try:
        outcomes.append(take(world))
    except Failed as failed:
        outcomes.append(failed.error)
    world.later(5)
    assert sorted(outcomes) == ["LockHeld", "this run holds the lock of website"]


def test_taking_over_names_whom_from(world: World) -> None:
    take(world)
    first = world.run["id"]
    world.new_run("run-2", take_over=first)
    assert take(world).endswith(f"taken over from {first}")
    (entry,) = [e for e in read_entries(world.table, world.run["id"]) if e.event is JournalEvent.LOCK_TAKEN_OVER]
    assert entry.facts == {"from": first}


def test_only_the_named_holder_is_taken_over_from(world: World) -> None:
    take(world)
    world.new_run("run-2", take_over="website.failover.run-0")
    with pytest.raises(Failed, match=r"LockHeld: run website.failover.run-1 holds .*it is not website.failover.run-0"):
        take(world)


def test_taking_over_a_free_lock_is_taking_it(world: World) -> None:
    world.new_run("run-2", take_over="website.failover.run-1")
    assert take(world) == "this run holds the lock of website"


def test_a_run_that_still_acts_is_not_taken_over_from(world: World) -> None:
    machine = world.engine.create_state_machine(
        "us-west-2", "m", {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 600, "End": True}}}
    )
    execution = world.engine.start_execution(machine, name="run-1", execution_input={})
    begin(world, execution)
    take(world)
    first = world.run["id"]
    world.new_run("run-2", take_over=first)
    with pytest.raises(Failed, match=f"LockHeld: run {first} still runs"):
        take(world)
    world.client("stepfunctions").stop_execution(executionArn=execution)
    assert "taken over" in take(world)


def begin(world: World, execution: str) -> None:
    runbook = {"application": "website", "runbook": "failover", "origin": "us-east-1", "target": "us-west-2"}
    parameters = {
        "execution": {"id": execution, "name": "run-1", "started_at": world.run["started_at"], "input": {}},
        "runbook": runbook | {"rto_seconds": 1, "rpo_seconds": 1, "steps": []},
    }
    world.call("run_begin", {"parameters": parameters})


def test_only_the_holder_releases(world: World) -> None:
    take(world)
    mine = RunRef.model_validate(world.run)
    other = RunRef.model_validate(run_ref("run-2"))
    assert release(world, other) == []
    assert application_lock.current_holder(world.table, "website") is not None
    assert release(world, mine) == ["the lock of website was released"]
    assert application_lock.current_holder(world.table, "website") is None
    assert release(world, mine) == []


def release(world: World, run: RunRef) -> list[str]:
    return application_lock.release_lock(world.table, run, lambda _region: world.table)


def test_a_run_that_ended_and_let_go_holds_nobody_back(world: World) -> None:
    """Its end was written down, and the call that deletes its item was lost."""
    begin(world, EXECUTION)
    take(world)
    world.engine.interceptor.inject_fault("dynamodb:DeleteItem", FaultKind.ACCESS_DENIED, times=9)
    with pytest.raises(Failed, match="AccessDenied"):
        world.call("run_end", {"run": world.run, "parameters": {"outcome": "succeeded", "keep_lock": False}})
    world.new_run("run-2")
    assert take(world) == "this run holds the lock of website"


def test_a_run_that_ended_with_the_lock_kept_does(world: World) -> None:
    begin(world, EXECUTION)
    take(world)
    failure = {"step": "step", "error": "KeyError", "cause": "x"}
    parameters = {"outcome": "failed", "keep_lock": True, "failure": failure}
    world.call("run_end", {"run": world.run, "parameters": parameters})
    world.new_run("run-2")
    with pytest.raises(Failed, match="LockHeld"):
        take(world)


def test_a_task_does_nothing_while_another_run_holds_the_lock(world: World) -> None:
    """A run that was redriven after it had been taken over from."""
    take(world)
    first = world.run
    world.new_run("run-2", take_over=first["id"])
    take(world)
    world.run = first
    with pytest.raises(Failed, match=r"LockLost: run website.failover.run-2 holds the lock of website since 2026"):
        world.look("drs_recover", **recover("database"))
    assert world.jobs() == []
    world.step("notify", message="still told", subject="website")  # who only tells changes nothing


def test_a_run_that_lost_the_lock_says_so_at_its_end_and_leaves_it_alone(world: World) -> None:
    begin(world, EXECUTION)
    take(world)
    first = world.run
    world.new_run("run-2", take_over=first["id"])
    take(world)
    failure = {"step": "step", "error": "LockLost", "cause": "run-2 holds it"}
    parameters = {"outcome": "failed", "keep_lock": True, "failure": failure}
    cause = world.call("run_end", {"run": first, "parameters": parameters})["cause"]
    assert "Lock: lost: run website.failover.run-2 holds the lock" in cause
    assert "Now: leave the application to that run" in cause
    held = application_lock.current_holder(world.table, "website")
    assert held is not None
    assert held.run == world.run["id"]


def test_another_applications_lock_is_not_ours_to_take(world: World) -> None:
    with pytest.raises(Failed, match=r"InvalidInput: parameters.application is 'shop'"):
        world.step("lock_acquire", application="shop")
