"""The functions of the tasks around the steps, and how long a question waits."""

from __future__ import annotations

RUN_BEGIN, RUN_END, RUN_STOP, RECORD_FAILURE, ASK = (
    "leeward-run-begin",
    "leeward-run-end",
    "leeward-run-stop",
    "leeward-record-failure",
    "leeward-ask",
)
# How long an operator has to answer what follows a failure (docs/runbooks.md).
ANSWER_SECONDS = 1800
FRAME_FUNCTIONS = (RUN_BEGIN, RUN_END, RUN_STOP, RECORD_FAILURE, ASK)
