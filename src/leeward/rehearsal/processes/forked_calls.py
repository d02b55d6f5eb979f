"""Calls a function for each of several arguments, each call in a process of its own, several in parallel.

A forked child starts with everything that its parent has imported and cached, and can't affect the next call.
"""

from __future__ import annotations

import gc
import os
import select
import signal
from collections.abc import Callable, Sequence
from typing import TypeVar

from leeward.rehearsal.processes.forked_process import ForkedProcess
from leeward.rehearsal.processes.frozen_objects import frozen_objects

ArgumentT = TypeVar("ArgumentT")
# Follows a complete result, which a process that was killed may not have sent.
_END = "\0"


def call_in_forks(
    function: Callable[[ArgumentT], str],
    arguments: Sequence[ArgumentT],
    jobs: int,
    on_end: Callable[[ArgumentT, str | None], object],
    *,
    timeout_seconds: int,
    fork: Callable[[], int] = os.fork,
) -> None:
    """Call `function` for each argument in a forked process, `jobs` of them in parallel.

    `on_end` is called with each argument and its result as soon as the call ends, in any order. The result is None if
    the process ended without one: it crashed, or took longer than `timeout_seconds` of real time. An interruption ends
    all processes. `fork` is `Engine.fork` if an engine is open.
    """
    waiting, running = list(reversed(arguments)), dict[ForkedProcess, tuple[ArgumentT, bytearray]]()
    with frozen_objects():
        try:
            while waiting or running:
                while waiting and len(running) < jobs:
                    argument = waiting.pop()
                    running[_start(function, argument, timeout_seconds, fork)] = argument, bytearray()
                for process in select.select(list(running), [], [])[0]:
                    chunk = process.read()
                    argument, received = running[process]
                    received += chunk
                    if not chunk:
                        del running[process]
                        process.end()
                        text = received.decode(errors="replace")
                        on_end(argument, text.removesuffix(_END) if text.endswith(_END) else None)
        finally:
            for process in running:
                process.end()


def _start(
    function: Callable[[ArgumentT], str], argument: ArgumentT, timeout_seconds: int, fork: Callable[[], int]
) -> ForkedProcess:
    def body(write_fd: int) -> None:
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(timeout_seconds)
        gc.disable()
        with open(write_fd, "w", encoding="utf-8") as pipe:
            pipe.write(function(argument) + _END)

    return ForkedProcess.start(body, fork)
