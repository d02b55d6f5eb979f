"""Experiments: what an engine leaves behind."""

from __future__ import annotations

import gc
import weakref
from typing import Any

from tests.twin.engine.drills import PASS, ended, engine, machine


def ended_threads() -> Any:
    from moto.stepfunctions.parser import utils

    with engine() as opened:
        ended(opened, machine("A", A=PASS))
    return len(utils.TMP_THREADS) > 0


def ended_backends() -> Any:
    from moto.stepfunctions.parser.models import stepfunctions_parser_backends

    with engine():
        kept = weakref.ref(stepfunctions_parser_backends["111122223333"])
    gc.collect()
    return kept() is not None
