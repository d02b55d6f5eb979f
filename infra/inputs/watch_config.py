"""The input of the run watch: pure functions of the documents, like `state_machines.deployment` for triggers."""

from __future__ import annotations

from collections.abc import Sequence

from leeward.common.naming import resource_names
from leeward.state_machines.asl import JsonObject
from leeward.state_machines.build import BuiltRunbook

RUN_WATCH, RUN_WATCH_RATE = "run_watch", "rate(5 minutes)"
RUN_SILENT_METRIC = "RunSilentSeconds"
# Longer than any poll of a waiting task, and longer than most operators take to answer. A run without progress for
# longer is stuck, or its question was not noticed.
STUCK_AFTER_SECONDS = 1800


def state_machine_arn(built: BuiltRunbook) -> str:
    """Return the ARN of a runbook's state machine."""
    name = resource_names.state_machine_name(built.application.application, built.runbook.runbook)
    return f"arn:aws:states:{built.compiled.run_regions.target}:{built.application.account}:stateMachine:{name}"


def run_watch_input(region: str, runbooks: Sequence[BuiltRunbook]) -> JsonObject | None:
    """Return the input of `run_watch` in `region`, or None when no runbook has it as its target Region."""
    entering = {r.runbook.runbook: state_machine_arn(r) for r in runbooks if r.compiled.run_regions.target == region}
    return {"application": runbooks[0].application.application, "machines": entering} if entering else None
