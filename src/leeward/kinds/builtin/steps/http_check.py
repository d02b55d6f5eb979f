"""`http.check`: request pages until every one is served."""

from __future__ import annotations

from leeward.kinds.builtin.task_paths import leeward_task
from leeward.kinds.descriptors.effects import Effect
from leeward.kinds.descriptors.step_kind import MINUTE, PlannedTime, StepKind

_MODULE = "leeward.state_machines.steps.http_check"

KIND = StepKind(
    name="http.check",
    summary="Request pages until every one is served",
    document=f"{_MODULE}:HttpCheckStep",
    compiler=f"{_MODULE}:compile",
    checks=f"{_MODULE}:check",
    effects=frozenset({Effect.CHECKS_SERVICE}),
    tasks=(leeward_task("http_check"),),
    planned_time=PlannedTime(15, MINUTE),
    example="leeward.kinds.builtin.examples:http-check.yaml",
)
