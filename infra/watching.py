"""What the watch over runs is told: pure functions of the documents, as `state_machines.triggers` has for triggers."""

from __future__ import annotations

from collections.abc import Sequence

from leeward.common import names
from leeward.state_machines.asl import JsonObject
from leeward.state_machines.tree import Ready

RUN_WATCH, RUN_WATCH_RATE = "run_watch", "rate(5 minutes)"
RUN_SILENT = "RunSilentSeconds"
# Longer than any look of a task that waits, and than most people take to answer. A run that is silent for longer is
# stuck, or asks somebody who does not know it.
SILENT_SECONDS = 1800


def machine_arn(ready: Ready) -> str:
    """Of a runbook's state machine, by the scheme of names."""
    name = names.state_machine(ready.application.application, ready.runbook.runbook)
    return f"arn:aws:states:{ready.compiled.way.target}:{ready.application.account}:stateMachine:{name}"


def run_watch_input(region: str, readies: Sequence[Ready]) -> JsonObject | None:
    """The input of `run_watch` in `region`; None where no runbook enters it."""
    entering = {r.runbook.runbook: machine_arn(r) for r in readies if r.compiled.way.target == region}
    return {"application": readies[0].application.application, "machines": entering} if entering else None
