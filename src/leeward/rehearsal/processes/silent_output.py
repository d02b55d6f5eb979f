"""Discards what the functions of a simulation print."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def stdout_silenced() -> Iterator[None]:
    """Discard standard output. The handlers write their logs and metrics there, as Lambda requires."""
    sys.stdout.flush()
    null_fd, saved_fd = os.open(os.devnull, os.O_WRONLY), os.dup(1)
    os.dup2(null_fd, 1)
    try:
        yield
    finally:
        sys.stdout.flush()
        os.dup2(saved_fd, 1)
        os.close(saved_fd)
        os.close(null_fd)
