"""Whether a task that changes something in AWS verifies that its run holds the lock, and how often."""

from __future__ import annotations

from typing import Any

import pytest

from leeward.common.aws.clients import client
from leeward.common.aws.tables.write_fence import put_fenced
from leeward.common.polling import PollResult
from leeward.control.locking.lock_records import LOCK_KEY, LockHolder, item_from_holder, lock_partition_key
from leeward.lambdas.runtime.invocation.task_context import TaskContext
from leeward.lambdas.runtime.invocation.task_events import Parameters, WaitingEvent
from tests.lambdas.probe_task import DONE, WAITING, Look, ProbeTask, in_order
from tests.support.task_world import TARGET, TaskFailed, TaskWorld

# So that a call looks once.
SLOW: dict[str, Any] = {"first_seconds": 60, "longest_seconds": 60}
CHANGE, VERIFICATION = "sns:CreateTopic", "dynamodb:Query"


def change(_event: WaitingEvent[Parameters], _context: TaskContext) -> PollResult:
    for name in ("one", "two"):
        client("sns", TARGET).create_topic(Name=name)
    return WAITING


def read(_event: WaitingEvent[Parameters], context: TaskContext) -> PollResult:
    context.clients().ec2.describe_instances()
    return WAITING


def write_own_table(_event: WaitingEvent[Parameters], context: TaskContext) -> PollResult:
    context.table.put({"pk": "NOTE#1", "sk": "1"})
    return WAITING


def write_fenced_then_change(event: WaitingEvent[Parameters], context: TaskContext) -> PollResult:
    assert context.lock_fence is not None
    put_fenced(context.table, {"pk": "ORDER#1", "sk": "1"}, context.lock_fence)
    return change(event, context)


def start(world: TaskWorld, *, requires_lock: bool = True) -> tuple[ProbeTask, dict[str, Any]]:
    """Return a task whose first call only waited, and the output of that call."""
    probe = ProbeTask(world, in_order(WAITING), requires_lock=requires_lock)
    return probe, probe.call(**SLOW)


def lose_lock(world: TaskWorld) -> None:
    holder = LockHolder("website.failover.run-2", world.engine.clock.now(), home=TARGET)
    world.table.put(item_from_holder(lock_partition_key("website"), LOCK_KEY, holder))


def topics(world: TaskWorld) -> list[str]:
    return [topic["TopicArn"].rsplit(":", 1)[1] for topic in world.client("sns").list_topics()["Topics"]]


@pytest.mark.parametrize(
    ("look", "calls"),
    [
        pytest.param(change, [VERIFICATION, CHANGE, CHANGE], id="change"),
        pytest.param(read, ["ec2:DescribeInstances"], id="read"),
        pytest.param(write_own_table, ["dynamodb:PutItem"], id="own-table"),
        pytest.param(write_fenced_then_change, ["dynamodb:TransactWriteItems", CHANGE, CHANGE], id="fenced-write"),
    ],
)
def test_later_call_verifies_lock_once_before_change(world: TaskWorld, look: Look, calls: list[str]) -> None:
    probe, first = start(world)
    probe.look = look
    probe.call(first, **SLOW)
    assert probe.calls == calls


def test_each_look_of_call_verifies_lock_again(world: TaskWorld) -> None:
    """Another run may take over the lock during the pause between two looks."""
    probe, first = start(world)
    probe.look = change
    probe.call(first, first_seconds=8)
    assert len(probe.looks) > 2
    assert probe.calls == [VERIFICATION, CHANGE, CHANGE] * len(probe.looks)


def test_look_after_takeover_changes_nothing(world: TaskWorld) -> None:
    probe, first = start(world)
    probe.look = change
    world.engine.clock.call_later(1, lambda: lose_lock(world))
    with pytest.raises(TaskFailed, match="LockLost"):
        probe.call(first, first_seconds=8)
    assert probe.calls.count(CHANGE) == 2, "of the look before"


@pytest.mark.parametrize(("seconds", "verifications"), [(0.5, 1), (3, 2)])
def test_slow_call_verifies_lock_before_each_change(world: TaskWorld, seconds: float, verifications: int) -> None:
    probe, first = start(world)
    probe.look = change
    with world.slow_calls(seconds):
        probe.call(first, **SLOW)
    assert probe.calls.count(VERIFICATION) == verifications


def test_first_call_is_verified_by_its_journal_entry(world: TaskWorld) -> None:
    probe = ProbeTask(world, change)
    probe.call(**SLOW)
    end_of_chain = VERIFICATION
    assert probe.calls == [end_of_chain, "dynamodb:TransactWriteItems", CHANGE, CHANGE, "dynamodb:PutItem"]


def test_task_that_needs_no_lock_is_not_verified(world: TaskWorld) -> None:
    probe, first = start(world, requires_lock=False)
    lose_lock(world)
    probe.look = change
    probe.call(first, **SLOW)
    assert probe.calls == [CHANGE, CHANGE]


@pytest.mark.parametrize("look", [change, write_fenced_then_change])
def test_later_call_without_lock_changes_nothing(world: TaskWorld, look: Look) -> None:
    probe, first = start(world)
    lose_lock(world)
    probe.look = look
    with pytest.raises(TaskFailed, match=r"LockLost: run website.failover.run-2 has held the lock"):
        probe.call(first, **SLOW)
    assert topics(world) == ["leeward"]
    assert world.event_names() == ["step.started", "step.failed"]


def test_step_without_lock_is_never_done(world: TaskWorld) -> None:
    probe, first = start(world)
    lose_lock(world)
    probe.look = read
    assert probe.call(first, **SLOW)["status"] == "waiting"
    probe.look = in_order(DONE)
    with pytest.raises(TaskFailed, match="LockLost"):
        probe.call(first, **SLOW)
    assert world.event_names() == ["step.started", "step.failed"]


def test_step_without_lock_does_not_start(world: TaskWorld) -> None:
    lose_lock(world)
    probe = ProbeTask(world, change)
    with pytest.raises(TaskFailed, match="LockLost"):
        probe.call(**SLOW)
    assert (probe.looks, topics(world)) == ([], ["leeward"])


def test_guard_ends_with_invocation(world: TaskWorld) -> None:
    """The next invocation of the same process must verify again."""
    probe, first = start(world)
    probe.look = change
    for _ in range(2):
        probe.call(first, **SLOW)
        assert probe.calls[0] == VERIFICATION
