"""Experiments: threads, clocks and clients."""

from __future__ import annotations

import signal
from typing import Any

from tests.twin.engine.machines import REGION, elapsed, machine, open_engine, run_execution, wait


def replace_threads_and_clocks() -> Any:
    with open_engine() as opened:
        try:
            return [run_execution(opened, machine("W", W=wait(3600))).status, elapsed(opened)]
        except Exception:  # a deadlock, or worse: real threads race
            return "fails"


def replace_client_waits() -> Any:
    with open_engine() as opened:
        sqs = opened.client("sqs", REGION)
        queue = sqs.create_queue(QueueName="q")["QueueUrl"]
        signal.setitimer(signal.ITIMER_REAL, 0.5)
        try:
            sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=20)
        except TimeoutError:
            return "hangs"
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
        return elapsed(opened)
