"""Calls in forked processes: parallel, independent, and ended when they crash, hang, or are interrupted."""

from __future__ import annotations

import gc
import os
import signal
import time

import pytest

from leeward.rehearsal.processes.forked_calls import call_in_forks
from leeward.rehearsal.processes.frozen_objects import frozen_objects


def call_all(function: object, arguments: list[int], jobs: int = 2, timeout_seconds: int = 60) -> dict[int, str | None]:
    results: dict[int, str | None] = {}
    call_in_forks(function, arguments, jobs, results.__setitem__, timeout_seconds=timeout_seconds)  # type: ignore[arg-type]
    return results


def is_running(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    return True


def test_every_call_returns_its_text_from_a_process_of_its_own() -> None:
    results = call_all(lambda n: f"{n} {os.getpid()} {'x' * 100_000}", [1, 2, 3])
    assert sorted(results) == [1, 2, 3]
    assert all(text is not None and text.split()[0] == str(n) and len(text) > 100_000 for n, text in results.items())
    processes = {text.split()[1] for text in results.values() if text}
    assert len(processes) == 3
    assert str(os.getpid()) not in processes


def test_call_that_crashes_or_is_killed_has_no_result() -> None:
    def crash(n: int) -> str:
        if n == 1:
            raise ValueError
        if n == 2:
            os.kill(os.getpid(), signal.SIGKILL)
        return "fine"

    assert call_all(crash, [1, 2, 3]) == {1: None, 2: None, 3: "fine"}


def test_call_that_hangs_is_ended_after_its_timeout() -> None:
    assert call_all(lambda _: time.sleep(60), [1], timeout_seconds=1) == {1: None}


def test_interruption_ends_the_processes_that_still_run() -> None:
    read_fd, write_fd = os.pipe()

    def work(n: int) -> str:
        if n == 1:
            return ""
        os.write(write_fd, f"{os.getpid()}\n".encode())
        time.sleep(60)
        return ""

    child: list[int] = []

    def on_end(_: int, __: str | None) -> None:
        child.append(int(os.read(read_fd, 100)))
        assert is_running(child[0])
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        call_in_forks(work, [1, 2], 2, on_end, timeout_seconds=60)
    os.close(read_fd)
    os.close(write_fd)
    assert not is_running(child[0])


def test_interruption_during_the_collection_at_the_start_is_not_lost() -> None:
    class Interrupting:
        """Python ignores exceptions in `__del__`, which runs in the collection."""

        def __init__(self) -> None:
            self.itself = self

        def __del__(self) -> None:
            os.kill(os.getpid(), signal.SIGINT)
            sum(range(1000))

    gc.collect()
    gc.disable()  # so that the object is collected where it is meant to be
    try:
        Interrupting()
        with pytest.raises(KeyboardInterrupt), frozen_objects():
            time.sleep(1)
    finally:
        gc.enable()
