"""Replaces the interpreter's clocks and threads with those of the scheduler.

A scan finds the modules: every name in the interpreter that is bound to `threading` or `time` is replaced. There is no
list of private names to maintain.
"""

from __future__ import annotations

import importlib
import threading
import time

from leeward.twin.engine.virtual_threads.sync_primitives import (
    VirtualCondition,
    VirtualEvent,
    VirtualLock,
    VirtualRLock,
)
from leeward.twin.engine.virtual_threads.threading_substitutes import VIRTUAL_THREADING, VIRTUAL_TIME, VirtualThread
from leeward.twin.patching.attribute_replacement import replace_attribute
from leeward.twin.patching.interpreter_modules import INTERPRETER_PACKAGE, replace_in_interpreter

_SUBSTITUTES = (
    (threading, VIRTUAL_THREADING),
    (time, VIRTUAL_TIME),
    (threading.Thread, VirtualThread),
    (threading.Event, VirtualEvent),
    (threading.Lock, VirtualLock),
    (threading.RLock, VirtualRLock),
    (threading.Condition, VirtualCondition),
)


def replace_threads_and_clocks() -> None:
    """Replace real threads and real time with the scheduler's.

    Unpatched moto sleeps in real time and runs a real thread per state and branch. A Wait of an hour takes an hour, and
    the order of events differs between runs.
    """
    importlib.import_module(f"{INTERPRETER_PACKAGE}.models")  # imports the whole interpreter
    rebind_modules()


def rebind_modules() -> list[str]:
    """Rebind the names that are not rebound yet, and return them."""
    return [name for old, new in _SUBSTITUTES for name in replace_in_interpreter(old, new)]


def replace_client_waits() -> None:
    """Replace the conditions on which botocore and moto wait.

    botocore's retry mode `adaptive` and moto's SQS long polling wait on real conditions with real deadlines, which
    never arrive while the virtual clock does not move.
    """
    replace_attribute(importlib.import_module("botocore.retries.bucket"), "threading", VIRTUAL_THREADING)
    replace_attribute(importlib.import_module("moto.sqs.models"), "Condition", VirtualCondition)
