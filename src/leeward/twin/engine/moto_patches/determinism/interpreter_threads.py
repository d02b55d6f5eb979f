"""Clocks and threads of the interpreter, rebound to the baton. The modules are found by scan, not from a list of
private names: whatever in the interpreter names `threading` or `time` gets ours."""

from __future__ import annotations

import importlib
import threading
import time

from leeward.twin.engine.host_process.attribute_patching import (
    INTERPRETER_PACKAGE,
    replace_attribute,
    replace_in_interpreter,
)
from leeward.twin.engine.virtual_threads.sync_primitives import (
    VirtualCondition,
    VirtualEvent,
    VirtualLock,
    VirtualRLock,
)
from leeward.twin.engine.virtual_threads.threading_substitutes import VIRTUAL_THREADING, VIRTUAL_TIME, VirtualThread

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
    """Raw moto sleeps in real time and runs a real thread per state and branch, so a Wait of an hour takes an hour and
    the order of events differs from run to run."""
    importlib.import_module(f"{INTERPRETER_PACKAGE}.models")  # pulls in the whole interpreter
    rebind_modules()


def rebind_modules() -> list[str]:
    """Rebind what is not yet rebound; the names that were."""
    return [name for old, new in _SUBSTITUTES for name in replace_in_interpreter(old, new)]


def replace_client_waits() -> None:
    """botocore's retry mode `adaptive` and moto's SQS long polling wait on real conditions with real deadlines, which
    never come while the virtual clock stands still."""
    replace_attribute(importlib.import_module("botocore.retries.bucket"), "threading", VIRTUAL_THREADING)
    replace_attribute(importlib.import_module("moto.sqs.models"), "Condition", VirtualCondition)
