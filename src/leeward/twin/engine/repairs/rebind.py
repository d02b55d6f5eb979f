"""Clocks and threads of the interpreter, rebound to the baton. The modules are found by scan, not from a list of
private names: whatever in the interpreter names `threading` or `time` gets ours."""

from __future__ import annotations

import importlib
import threading
import time

from leeward.twin.engine.primitives import Condition, Event, Lock, RLock
from leeward.twin.engine.repairs.replacing import INTERPRETER, replace, replace_everywhere
from leeward.twin.engine.threads import THREADING, TIME, Thread

_SUBSTITUTES = (
    (threading, THREADING),
    (time, TIME),
    (threading.Thread, Thread),
    (threading.Event, Event),
    (threading.Lock, Lock),
    (threading.RLock, RLock),
    (threading.Condition, Condition),
)


def threads_and_clocks() -> None:
    """Raw moto sleeps in real time and runs a real thread per state and branch, so a Wait of an hour takes an hour and
    the order of events differs from run to run."""
    importlib.import_module(f"{INTERPRETER}.models")  # pulls in the whole interpreter
    scan()


def scan() -> list[str]:
    """Rebind what is not yet rebound; the names that were."""
    return [name for old, new in _SUBSTITUTES for name in replace_everywhere(old, new)]


def clients_that_wait() -> None:
    """botocore's retry mode `adaptive` and moto's SQS long polling wait on real conditions with real deadlines, which
    never come while the virtual clock stands still."""
    replace(importlib.import_module("botocore.retries.bucket"), "threading", THREADING)
    replace(importlib.import_module("moto.sqs.models"), "Condition", Condition)
