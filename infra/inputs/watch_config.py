"""What the watch over runs is told: pure functions of the documents, as `state_machines.triggers` has for triggers."""

from __future__ import annotations

from collections.abc import Sequence

from leeward.common.naming import resource_names
from leeward.state_machines.asl import JsonObject
from leeward.state_machines.build import BuiltRunbook

RUN_WATCH, RUN_WATCH_RATE = "run_watch", "rate(5 minutes)"
RUN_SILENT_METRIC = "RunSilentSeconds"
# Longer than any look of a task that waits, and than most people take to answer. A run that is silent for longer is
# stuck, or asks somebody who does not know it.
STUCK_AFTER_SECONDS = 1800


def state_machine_arn(ready: BuiltRunbook) -> str:
    """Of a runbook's state machine, by the scheme of names."""
    name = resource_names.state_machine_name(ready.application.application, ready.runbook.runbook)
    return f"arn:aws:states:{ready.compiled.run_regions.target}:{ready.application.account}:stateMachine:{name}"


def run_watch_input(region: str, runbooks: Sequence[BuiltRunbook]) -> JsonObject | None:
    """The input of `run_watch` in `region`; None where no runbook enters it."""
    entering = {r.runbook.runbook: state_machine_arn(r) for r in runbooks if r.compiled.run_regions.target == region}
    return {"application": runbooks[0].application.application, "machines": entering} if entering else None
