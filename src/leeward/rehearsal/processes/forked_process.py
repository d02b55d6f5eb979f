"""A forked child process that sends bytes to its parent through a pipe."""

from __future__ import annotations

import os
import select
import signal
from collections.abc import Callable
from typing import Self

_READ_BYTES = 1 << 12


class ForkedProcess:
    """A child in its own process group. Its own children belong to the group and can write to the same pipe."""

    def __init__(self, process_id: int, read_fd: int) -> None:
        """Take over the process and the reading end of its pipe. Use `start` to fork one."""
        self._process_id, self._read_fd = process_id, read_fd

    @classmethod
    def start(cls, body: Callable[[int], object], fork: Callable[[], int] = os.fork) -> Self:
        """Fork a child that calls `body` with the writing end of the pipe and then exits.

        The child ignores Ctrl-C, because the terminal sends the signal to the parent too, which calls `end`.
        """
        read_fd, write_fd = os.pipe()
        process_id = fork()
        if not process_id:
            try:
                os.setpgid(0, 0)
                signal.signal(signal.SIGINT, signal.SIG_IGN)
                os.close(read_fd)
                # Handlers write their logs and metrics to standard output, which belongs to the parent.
                os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
                body(write_fd)
            finally:
                os._exit(0)
        os.close(write_fd)
        return cls(process_id, read_fd)

    def fileno(self) -> int:
        """Return the reading end of the pipe, for `select`."""
        return self._read_fd

    def read(self) -> bytes:
        """Wait for bytes and return them, or none if the child and all its children have ended.

        Ctrl-C interrupts the wait.
        """
        while not select.select([self], [], [], 1.0)[0]:
            pass
        return os.read(self._read_fd, _READ_BYTES)

    def end(self) -> None:
        """Kill the child and its own children if they still run, and close the pipe."""
        os.close(self._read_fd)
        try:
            os.killpg(self._process_id, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            os.kill(self._process_id, signal.SIGKILL)  # it has no process group yet
        os.waitpid(self._process_id, 0)
