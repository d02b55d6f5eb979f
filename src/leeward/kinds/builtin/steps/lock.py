"""`lock`: allow one run of the application at a time."""

from __future__ import annotations

from leeward.kinds.builtin.task_paths import leeward_task
from leeward.kinds.descriptors.effects import Effect
from leeward.kinds.descriptors.step_kind import PlannedTime, ServiceUse, StepKind

_MODULE = "leeward.state_machines.steps.lock"

KIND = StepKind(
    name="lock",
    summary="Allow one run of the application at a time",
    document=f"{_MODULE}:LockStep",
    compiler=f"{_MODULE}:compile",
    checks=f"{_MODULE}:check",
    effects=frozenset({Effect.TAKES_LOCK}),
    tasks=(leeward_task("lock_acquire"),),
    may_be_skipped=False,
    planned_time=PlannedTime(1, 5),
    services=(
        ServiceUse("dynamodb"),
        ServiceUse("states", control_plane=True),
    ),
    example="leeward.kinds.builtin.examples:lock.yaml",
)
