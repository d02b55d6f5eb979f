"""Experiments: what an engine leaves behind."""

from __future__ import annotations

import gc
import weakref
from contextlib import suppress
from datetime import timedelta
from typing import Any

from botocore.exceptions import BotoCoreError

from leeward.common.aws.clients import client
from tests.twin.engine.machines import PASS, REGION, START, machine, open_engine, run_execution, task


def release_ended_threads() -> Any:
    from moto.stepfunctions.parser import utils

    with open_engine() as opened:
        run_execution(opened, machine("A", A=PASS))
        return len(utils.TMP_THREADS) > 0  # afterward it is moto's own list again


def release_ended_backends() -> Any:
    from moto.stepfunctions.parser.models import stepfunctions_parser_backends

    with open_engine():
        kept = weakref.ref(stepfunctions_parser_backends["111122223333"])
    gc.collect()
    return kept() is not None


def reset_retry_quotas() -> Any:
    """How often a call to a dark Region is tried, after a run that tried many."""
    tried = 0

    def handler(event: Any, context: Any) -> None:
        for _ in range(event["calls"]):
            with suppress(BotoCoreError):
                client("dynamodb", REGION).list_tables()

    for calls in (60, 1):
        with open_engine({"caller": handler}) as opened:
            opened.interceptor.schedule_outage(REGION, start=START, black_hole=timedelta(seconds=1))
            run_execution(opened, machine("A", A=task("caller", {"calls": calls})))
            tried = len(opened.interceptor.calls)
    return tried
