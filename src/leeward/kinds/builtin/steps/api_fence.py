"""`api.fence`: stop a Region's API from writing."""

from __future__ import annotations

from leeward.kinds.builtin.task_paths import leeward_task
from leeward.kinds.descriptors.effects import Effect
from leeward.kinds.descriptors.resources import ChangedResource
from leeward.kinds.descriptors.step_kind import PlannedTime, ServiceUse, StepKind, Undo

_MODULE = "leeward.state_machines.steps.api_fence"

KIND = StepKind(
    name="api.fence",
    summary="Stop a Region's API from writing",
    document=f"{_MODULE}:ApiFenceStep",
    compiler=f"{_MODULE}:compile",
    checks=f"{_MODULE}:check",
    undo=Undo(f"{_MODULE}:undo"),
    effects=frozenset({Effect.CHANGES, Effect.FENCES_WRITES}),
    changes=frozenset({ChangedResource.REGION_SWITCH}),
    tasks=(leeward_task("api_switch", tolerates_outage=True),),
    planned_time=PlannedTime(5, 30),
    services=(
        ServiceUse("dynamodb"),
        ServiceUse("dynamodb", region="other"),
    ),
    readiness=("api",),
    example="leeward.kinds.builtin.examples:api-fence.yaml",
)
