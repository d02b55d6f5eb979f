"""Plays short rehearsals with every patch and without one, each in a forked child of a process that played none."""

from __future__ import annotations

import gc
import json
import logging
import os
import signal
import sys
from collections.abc import Callable
from contextlib import redirect_stdout
from functools import cache
from typing import Any, NamedTuple

from leeward.twin.engine import engine
from tests.rehearsals.patches.short_rehearsals import REHEARSALS
from tests.rehearsals.patches.short_rehearsals.observations import Observation, describe_difference
from tests.twin.engine.patch_experiments import leave_out

# Without some patches, a rehearsal never ends. With every patch, none computes for as long as this.
_CPU_SECONDS = 60
_REAL_SECONDS = 400
_given_up: list[bool] = []


class Played(NamedTuple):
    """What a rehearsal observed, or the error that ended it, and how many functions of Python it called if counted."""

    observation: Observation
    error: str | None
    function_calls: int


def play(rehearsal: str, left_out: str | None, *, counted: bool = False) -> Played:
    """Play the rehearsal without one patch, or with every patch."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        with os.fdopen(writing, "w") as out:
            json.dump(_play(rehearsal, left_out, counted), out)
            out.flush()
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as answer:
        text = answer.read()
    os.waitpid(child, 0)
    return Played(*json.loads(text)) if text else Played({}, "the process ends", 0)


@cache
def play_patched(rehearsal: str, *, counted: bool = False) -> Played:
    """Play the rehearsal with every patch, for all trials. Played again, it must observe the same."""
    played, again = (play(rehearsal, None, counted=is_counted) for is_counted in (counted, False))
    assert played.error is None, (rehearsal, played.error)
    assert played.observation == again.observation, describe_difference(played.observation, again.observation)
    return played


def find_change(rehearsal: str, patch: str) -> str | None:
    """Return what a reader first notices of the rehearsal when the patch is left out, in a few words, or None."""
    expected, seen = play_patched(rehearsal), play(rehearsal, patch)
    return seen.error or describe_difference(expected.observation, seen.observation)


def measure_cost(rehearsal: str, patch: str) -> tuple[str | None, float]:
    """Return `find_change`, and the percentage by which the function calls of the rehearsal increase."""
    expected, seen = play_patched(rehearsal, counted=True), play(rehearsal, patch, counted=True)
    change = seen.error or describe_difference(expected.observation, seen.observation)
    return change, 100 * (seen.function_calls / expected.function_calls - 1)


def _play(rehearsal: str, left_out: str | None, counted: bool) -> Played:
    logging.disable(logging.CRITICAL)
    if left_out is not None:
        engine.PATCHES = leave_out(left_out)  # type: ignore[attr-defined]  # what Engine applies
    for timer, number, seconds in (
        (signal.ITIMER_VIRTUAL, signal.SIGVTALRM, _CPU_SECONDS),
        (signal.ITIMER_REAL, signal.SIGALRM, _REAL_SECONDS),
    ):
        signal.signal(number, _give_up)
        signal.setitimer(timer, seconds)
    try:
        with open(os.devnull, "w", encoding="utf-8") as quiet, redirect_stdout(quiet):
            observation, calls = _count(REHEARSALS[rehearsal]) if counted else (REHEARSALS[rehearsal](), 0)
    except BaseException as error:  # without a patch, a rehearsal may fail in any way
        return Played({}, "never ends" if _given_up else f"ends with `{type(error).__name__}`", 0)
    return Played(observation, None, calls)


def _count(rehearsal: Callable[[], Observation]) -> tuple[Observation, int]:
    count = 0

    def count_call(_frame: Any, event: str, _argument: Any) -> None:
        nonlocal count
        count += event == "call"

    gc.disable()  # a collection calls functions too, at no particular time
    sys.setprofile(count_call)
    try:
        observation = rehearsal()
    finally:
        sys.setprofile(None)
    return observation, count


class _NeverEnds(BaseException):
    """Raised when a rehearsal has computed for too long."""


def _give_up(*_: object) -> None:
    _given_up.append(True)  # the engine may wrap the error
    raise _NeverEnds
