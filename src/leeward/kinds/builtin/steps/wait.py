"""`wait`: wait for a fixed time."""

from __future__ import annotations

from leeward.kinds.descriptors.step_kind import PlannedTime, StepKind

_MODULE = "leeward.state_machines.steps.wait"

KIND = StepKind(
    name="wait",
    summary="Wait for a fixed time",
    document=f"{_MODULE}:TimedWaitStep",
    compiler=f"{_MODULE}:compile",
    checks=f"{_MODULE}:check",
    is_journaled=False,
    effects=frozenset(),
    planned_time=PlannedTime(0, 0, from_document=f"{_MODULE}:stated_time"),
    example="leeward.kinds.builtin.examples:wait.yaml",
)
