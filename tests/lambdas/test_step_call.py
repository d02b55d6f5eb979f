"""One call of a step's task: when it looks again, what it returns, and what it writes to the journal."""

from __future__ import annotations

import time

import pytest

from leeward.common.errors import CredentialsExpired, LaunchFailed, Throttled
from leeward.common.polling import PollResult
from leeward.control.journal.run_journal import read_chain
from leeward.lambdas.runtime.invocation.task_context import TaskContext
from leeward.lambdas.runtime.invocation.task_events import Parameters, WaitingEvent
from leeward.twin.engine import FaultKind
from tests.lambdas.probe_task import DONE, WAITING, ProbeTask, in_order
from tests.support.task_world import TaskFailed, TaskWorld

# No look may end later, in seconds after the start of the invocation: 28, and what the start of the function takes.
LATEST_END = 28.5


def test_call_looks_again_until_goal_is_reached(world: TaskWorld) -> None:
    probe = ProbeTask(world, in_order(WAITING, WAITING, DONE))
    progress = probe.call(first_seconds=5)
    assert probe.looks == [pytest.approx(at, abs=1) for at in (0, 5, 10)]
    assert (progress["status"], progress["attempt"], progress["wait_seconds"]) == ("done", 1, 0)
    assert world.event_names() == ["step.started", "step.done"]


@pytest.mark.parametrize("pause", [1, 5, 12, 25])
@pytest.mark.parametrize("look_seconds", [0, 3, 10, 13, 20, 40])
def test_no_look_begins_that_would_end_too_late(world: TaskWorld, pause: int, look_seconds: int) -> None:
    def look(_event: WaitingEvent[Parameters], _context: TaskContext) -> PollResult:
        time.sleep(look_seconds)
        return WAITING

    probe = ProbeTask(world, look)
    progress = probe.call(first_seconds=pause, longest_seconds=pause)
    assert (progress["status"], progress["wait_seconds"]) == ("waiting", pause)
    assert [at + look_seconds <= LATEST_END for at in probe.looks[1:]] == [True] * (len(probe.looks) - 1)
    assert probe.looks[-1] + look_seconds + pause + look_seconds > LATEST_END - 1.5, "there was time for one more"


def test_no_look_begins_after_timeout_of_step(world: TaskWorld) -> None:
    probe = ProbeTask(world, in_order(WAITING))
    progress = probe.call(first_seconds=5, timeout_seconds=14)
    assert probe.looks == [pytest.approx(at, abs=1) for at in (0, 5, 10)]
    assert progress["wait_seconds"] in (3, 4), "the state machine waits for the rest of the time, and calls once more"


def test_long_pause_is_left_to_state_machine(world: TaskWorld) -> None:
    probe = ProbeTask(world, in_order(PollResult(False, "at work", ready_in_seconds=200)))
    assert probe.call(first_seconds=5, longest_ready_seconds=480)["wait_seconds"] == 200
    assert len(probe.looks) == 1


@pytest.mark.parametrize(("longest", "looks", "wait"), [(0, 6, 5), (20, 2, 20), (150, 1, 150)])
def test_estimate_of_task_delays_next_look_only_up_to_limit(
    world: TaskWorld, longest: int, looks: int, wait: int
) -> None:
    probe = ProbeTask(world, in_order(PollResult(False, "at work", ready_in_seconds=200)))
    progress = probe.call(first_seconds=5, longest_seconds=5, longest_ready_seconds=longest)
    assert (len(probe.looks), progress["wait_seconds"]) == (looks, wait)


@pytest.mark.parametrize("limit", [30, 480])
def test_expired_credentials_cost_one_look_of_a_call(world: TaskWorld, limit: int) -> None:
    """The credentials of an invocation stay as they are. The next one gets new ones."""
    probe = ProbeTask(world, in_order(CredentialsExpired("the security token has expired"), DONE))
    first = probe.call(first_seconds=5, longest_seconds=limit)
    assert (len(probe.looks), first["status"], first["wait_seconds"]) == (1, "waiting", 5)
    assert first["detail"] == "CredentialsExpired: the security token has expired; will be tried again"
    assert probe.call(first)["status"] == "done"


@pytest.mark.parametrize(("asked", "looks", "wait"), [(None, 6, 5), (3, 6, 5), (8, 4, 8), (26, 1, 26), (90, 1, 90)])
def test_call_respects_pause_that_aws_asks_for(world: TaskWorld, asked: float | None, looks: int, wait: int) -> None:
    probe = ProbeTask(world, in_order(Throttled("rate exceeded", retry_after_seconds=asked)))
    progress = probe.call(first_seconds=5)
    assert (len(probe.looks), progress["wait_seconds"]) == (looks, wait)
    assert progress["detail"] == "Throttled: rate exceeded; will be tried again"


def test_memo_survives_missed_look(world: TaskWorld) -> None:
    memos: list[str | None] = []
    results = in_order(WAITING, Throttled("rate exceeded"), WAITING, Throttled("rate exceeded"))

    def look(event: WaitingEvent[Parameters], context: TaskContext) -> PollResult:
        memos.append(event.poll.memo)
        return results(event, context)

    probe = ProbeTask(world, look)
    first = probe.call(first_seconds=5)
    assert memos == [None] + ["job-1"] * 5
    assert first["memo"] == "job-1"
    probe.call(first, first_seconds=60, longest_seconds=60)
    assert memos[-1] == "job-1"


def test_only_changed_results_are_journaled(world: TaskWorld) -> None:
    probe = ProbeTask(world, in_order(WAITING, WAITING, PollResult(False, "still at work")))
    first = probe.call(first_seconds=5)
    waits = [entry.detail for entry in world.journal if entry.event == "step.waiting"]
    assert waits == ["at work", "still at work"]
    probe.call(first, first_seconds=5)
    assert probe.calls == [], "nothing is new, so nothing is written"


def test_head_of_progress_is_last_entry(world: TaskWorld) -> None:
    probe = ProbeTask(world, in_order(WAITING, DONE))
    progress = probe.call(first_seconds=60, longest_seconds=60)
    last = read_chain(world.table, world.run["id"])[-1]
    assert progress["head"] == f"{last.seq}:{last.hash}"
    progress = probe.call(progress)
    last = read_chain(world.table, world.run["id"])[-1]
    assert (last.event, progress["head"]) == ("step.done", f"{last.seq}:{last.hash}")


def test_later_call_does_not_journal_start(world: TaskWorld) -> None:
    probe = ProbeTask(world, in_order(WAITING))
    probe.call(probe.call(first_seconds=60, longest_seconds=60), first_seconds=60, longest_seconds=60)
    assert world.event_names() == ["step.started"]


def test_step_does_nothing_until_its_start_is_journaled(world: TaskWorld) -> None:
    world.engine.interceptor.inject_fault("dynamodb:TransactWriteItems", FaultKind.THROTTLED, times=3)
    probe = ProbeTask(world, in_order(WAITING, DONE))
    first = probe.call(first_seconds=60, longest_seconds=60)
    assert (first["status"], probe.looks, world.journal) == ("waiting", [], [])
    assert first["detail"].startswith("Throttled: dynamodb:")
    second = probe.call(first, first_seconds=60, longest_seconds=60)
    assert (second["status"], len(probe.looks)) == ("waiting", 1)
    assert probe.call(second)["status"] == "done"
    assert world.event_names() == ["step.started", "step.done"]


def test_time_until_start_is_journaled_counts(world: TaskWorld) -> None:
    world.engine.interceptor.inject_fault("dynamodb:TransactWriteItems", FaultKind.THROTTLED, times=3)
    probe = ProbeTask(world, in_order(WAITING))
    first = probe.call(first_seconds=60, longest_seconds=60)
    world.engine.clock.sleep(60)
    assert probe.call(first, first_seconds=60, longest_seconds=60)["elapsed_seconds"] >= 60


def test_done_that_cannot_be_journaled_is_looked_at_again(world: TaskWorld) -> None:
    world.engine.interceptor.inject_fault("dynamodb:TransactWriteItems", FaultKind.THROTTLED, nth=2, times=3)
    probe = ProbeTask(world, in_order(DONE))
    assert probe.call(first_seconds=5)["status"] == "done"
    assert len(probe.looks) == 2
    assert world.event_names() == ["step.started", "step.done"]


@pytest.mark.parametrize("error", [LaunchFailed("no capacity"), KeyError("a defect")])
def test_failure_ends_call_and_is_journaled(world: TaskWorld, error: Exception) -> None:
    name = type(error).__name__
    probe = ProbeTask(world, in_order(WAITING, error))
    with pytest.raises(TaskFailed, match=name):
        probe.call(first_seconds=5)
    assert len(probe.looks) == 2
    assert (world.journal[-1].event, world.journal[-1].facts["error"]) == ("step.failed", name)


@pytest.mark.parametrize("character", ["!", "x", "~"])
def test_long_error_is_truncated_whatever_its_characters(world: TaskWorld, character: str) -> None:
    probe = ProbeTask(world, in_order(LaunchFailed(character * 5_000)))
    with pytest.raises(TaskFailed) as failed:
        probe.call()
    assert failed.value.error == "LaunchFailed"
    assert failed.value.cause.endswith("... (the journal has all)")
    assert len(failed.value.cause) == 2_000
