"""The baton: who runs, when, and what is said when nothing can."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from leeward.twin.engine import Engine
from leeward.twin.engine.virtual_threads.sync_primitives import (
    VirtualCondition,
    VirtualEvent,
    VirtualLock,
    VirtualRLock,
)
from leeward.twin.errors import (
    ActorFailed,
    Deadlock,
    EngineNotOpen,
    ExecutionStillRunning,
    ForeignThread,
    HandlerStuck,
    HorizonReached,
    InlineCallbackWaited,
    TwinError,
)
from tests.twin.engine.machines import START, elapsed, machine, open_engine, start_execution, task


def test_virtual_sleep_is_instant_and_exact() -> None:
    with open_engine() as opened:
        for _ in range(3):
            opened.clock.sleep(1200.1)
        assert elapsed(opened) == 3600.3


def test_tasks_run_by_deadline_then_creation() -> None:
    seen: list[str] = []
    with open_engine() as opened:
        opened.clock.call_later(2, lambda: seen.append("two"))
        opened.clock.call_later(1, lambda: seen.append("one, first"))
        opened.clock.call_later(1, lambda: seen.append("one, second"))
        opened.clock.call_at(START, lambda: seen.append("now"))
        opened.clock.sleep(5)
    assert seen == ["now", "one, first", "one, second", "two"]


def test_cancelled_timer_does_not_fire_or_advance_clock() -> None:
    seen: list[str] = []
    with open_engine() as opened:
        opened.clock.call_later(10, lambda: seen.append("no")).cancel()
        opened.clock.sleep(5)
        opened.clock.call_later(0, lambda: seen.append("yes"))
        opened.clock.sleep(20)
        assert (seen, elapsed(opened)) == (["yes"], 25)


@pytest.mark.parametrize("inline", [True, False])
def test_periodic_timer_keeps_interval_until_cancelled(inline: bool) -> None:
    ticks: list[float] = []
    with open_engine() as opened:
        ticker = opened.clock.call_every(0.1, lambda: ticks.append(elapsed(opened)), inline=inline)
        opened.clock.call_later(0.45, ticker.cancel)
        opened.clock.sleep(2)
    assert ticks == [0.1, 0.2, 0.3, 0.4]


def test_periodic_timer_can_cancel_itself() -> None:
    ticks: list[int] = []
    with open_engine() as opened:

        def tick() -> None:
            ticks.append(1)
            ticker.cancel()

        ticker = opened.clock.call_every(1, tick, inline=True)
        opened.clock.sleep(5)
    assert len(ticks) == 1


def test_inline_callback_may_not_sleep() -> None:
    with open_engine() as opened:
        opened.clock.call_later(1, lambda: opened.clock.sleep(1), name="patient client", inline=True)
        with pytest.raises(InlineCallbackWaited, match="patient client"):
            opened.clock.sleep(2)


@pytest.mark.parametrize("inline", [True, False])
def test_actor_error_is_raised_in_waiting_caller(inline: bool) -> None:
    def fails() -> None:
        raise ValueError("typo in the scenario")

    with open_engine() as opened:
        opened.clock.call_later(60, fails, name="operator", inline=inline)
        with pytest.raises(
            ActorFailed, match=r"operator failed at 2026-03-01T09:01:00.*typo in the scenario"
        ) as raised:
            opened.clock.sleep(600)
        assert isinstance(raised.value.__cause__, ValueError)
        assert elapsed(opened) == 60


def test_unobserved_actor_error_is_raised_at_close() -> None:
    def go() -> None:
        with open_engine() as opened:
            opened.clock.call_later(0, lambda: 1 / 0, name="operator", inline=True)
            event = VirtualEvent()
            opened.clock.call_later(0, event.set)
            event.wait()

    with pytest.raises(ActorFailed, match="operator"):
        go()


def test_deadlock_names_waiting_state() -> None:
    with open_engine({"ask": lambda event, context: None}) as opened:
        execution = start_execution(
            opened, machine("Ask for approval", **{"Ask for approval": task("ask", token=True)})
        )
        with pytest.raises(Deadlock, match="Ask for approval"):
            opened.wait_for_execution(execution)


def test_run_with_only_periodic_timers_ends_at_horizon() -> None:
    with open_engine({"ask": lambda event, context: None}, horizon=timedelta(hours=1)) as opened:
        opened.clock.call_every(60, lambda: None, inline=True)
        execution = start_execution(opened, machine("Ask", Ask=task("ask", token=True)))
        with pytest.raises(HorizonReached, match="Ask"):
            opened.wait_for_execution(execution)


def test_wait_times_out_and_run_continues() -> None:
    with open_engine({"ask": lambda event, context: None}) as opened:
        execution = start_execution(opened, machine("Ask", Ask=task("ask", token=True, TimeoutSeconds=600)))
        with pytest.raises(ExecutionStillRunning, match="100 virtual seconds"):
            opened.wait_for_execution(execution, timeout=100)
        assert opened.wait_for_execution(execution).status == "FAILED"
        assert elapsed(opened) == 600


def test_other_thread_may_not_use_simulation() -> None:
    caught: list[BaseException] = []
    with open_engine() as opened:

        def intrude() -> None:
            try:
                opened.clock.sleep(1)
            except TwinError as error:
                caught.append(error)

        thread = threading.Thread(target=intrude, name="intruder")
        thread.start()
        thread.join()
    assert isinstance(caught[0], ForeignThread)
    assert "intruder" in str(caught[0])


def test_second_engine_is_rejected() -> None:
    with open_engine(), pytest.raises(TwinError, match="already open"), Engine(start=START):
        pass


def test_waiting_outside_engine_fails() -> None:
    with pytest.raises(EngineNotOpen):
        VirtualEvent().wait(1)


@pytest.mark.parametrize("inline", [True, False])
def test_busy_actor_is_interrupted_and_named(inline: bool) -> None:
    def computes() -> None:
        while True:
            pass

    with open_engine(watchdog_seconds=0.2) as opened:
        opened.clock.call_later(1, computes, name="busy operator", inline=inline)
        with pytest.raises(HandlerStuck, match="busy operator"):
            opened.clock.sleep(2)
        opened.clock.sleep(2)


def test_close_ends_tasks_and_runs_finally() -> None:
    unwound: list[str] = []
    with open_engine() as opened:

        def actor() -> None:
            try:
                opened.clock.sleep(1000)
            finally:
                unwound.append("finally")

        for _ in range(20):
            opened.clock.call_later(0, actor)
        opened.clock.sleep(1)
    assert unwound == ["finally"] * 20


def test_nested_tasks_do_not_grow_the_stack() -> None:
    """A greenlet counts its depth from where it is first switched to."""
    seen: list[int] = []
    with open_engine() as opened:

        def deeper(levels: int, number: int) -> None:
            if levels:
                deeper(levels - 1, number)
                return
            seen.append(number)
            if number < 100:
                opened.clock.call_later(0, lambda: deeper(100, number + 1))
            opened.clock.sleep(1000 - number)

        opened.clock.call_later(0, lambda: deeper(100, 1))
        opened.clock.sleep(1)
    assert seen == list(range(1, 101))


def test_lock_is_granted_in_request_order() -> None:
    seen: list[int] = []
    with open_engine() as opened:
        lock = VirtualLock()

        def worker(number: int) -> None:
            with lock:
                seen.append(number)
                opened.clock.sleep(10)

        for number in range(4):
            opened.clock.call_later(0, lambda number=number: worker(number))  # type: ignore[misc]
        opened.clock.sleep(5)
        assert lock.locked()
        assert not lock.acquire(timeout=3)
        assert not lock.acquire(blocking=False)
        opened.clock.sleep(100)
        assert not lock.locked()
    assert seen == [0, 1, 2, 3]


def test_only_rlock_can_be_acquired_again_by_its_owner() -> None:
    with open_engine():
        lock, rlock = VirtualLock(), VirtualRLock()
        assert (lock.acquire(), rlock.acquire()) == (True, True)
        assert (lock.acquire(blocking=False), rlock.acquire(blocking=False)) == (False, True)


def test_condition_notifies_and_times_out() -> None:
    with open_engine() as opened:
        condition, box = VirtualCondition(), list[int]()

        def put() -> None:
            with condition:
                box.append(1)
                condition.notify_all()

        opened.clock.call_later(7, put)
        with condition:
            assert condition.wait_for(lambda: bool(box), timeout=60)
            assert elapsed(opened) == 7
            assert not condition.wait_for(lambda: len(box) > 1, timeout=60)
        assert elapsed(opened) == 67
