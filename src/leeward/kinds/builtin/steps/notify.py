"""`notify`: send a message to operators."""

from __future__ import annotations

from leeward.kinds.builtin.task_paths import leeward_task
from leeward.kinds.descriptors.step_kind import PlannedTime, ServiceUse, StepKind

_MODULE = "leeward.state_machines.steps.notify"

KIND = StepKind(
    name="notify",
    summary="Send a message to operators",
    document=f"{_MODULE}:NotifyStep",
    compiler=f"{_MODULE}:compile",
    effects=frozenset(),
    tasks=(leeward_task("notify", probed=True),),
    planned_time=PlannedTime(1, 5),
    services=(ServiceUse("sns"),),
    example="leeward.kinds.builtin.examples:notify.yaml",
)
