"""Runs each test marked `forked` in a copy of the process, so that tests share a starting point and can't spoil it.

A module-scoped fixture builds the starting point once, such as a world after its failover. Each test then goes on from
there. This is much faster than to build the starting point again for each test.
"""

from __future__ import annotations

import os
import pickle
import sys
import traceback
from collections.abc import Callable
from typing import NoReturn

import pytest


def run_forked(test: Callable[[], object]) -> None:
    """Call `test` in a fork of this process. Raises pytest's failure or skip exception when the test fails or skips."""
    sys.stdout.flush()
    sys.stderr.flush()
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        _run_child(test, writer)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        outcome = pipe.read()
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if status != 0 or not outcome:
        pytest.fail(f"the test's process ended with status {status} and reported nothing", pytrace=False)
    kind, text = pickle.loads(outcome)
    if kind == "skipped":
        pytest.skip(text)
    if kind == "failed":
        pytest.fail(text, pytrace=False)


def _run_child(test: Callable[[], object], writer: int) -> NoReturn:
    kind, text = "passed", ""
    try:
        test()
    except pytest.skip.Exception as skipped:
        kind, text = "skipped", str(skipped)
    except BaseException:
        kind, text = "failed", traceback.format_exc()
    sys.stdout.flush()
    sys.stderr.flush()
    with os.fdopen(writer, "wb") as pipe:
        pipe.write(pickle.dumps((kind, text)))
    os._exit(0)  # not sys.exit: the parent alone runs fixtures' teardown
