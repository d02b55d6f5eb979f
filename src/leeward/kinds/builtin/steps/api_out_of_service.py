"""`api.out_of_service`: make a Region's API report itself unhealthy, so that DNS moves users away."""

from __future__ import annotations

from leeward.kinds.builtin.task_paths import leeward_task
from leeward.kinds.descriptors.effects import Effect
from leeward.kinds.descriptors.resources import ChangedResource
from leeward.kinds.descriptors.step_kind import PlannedTime, ServiceUse, StepKind, Undo

_MODULE = "leeward.state_machines.steps.api_out_of_service"

KIND = StepKind(
    name="api.out_of_service",
    summary="Make a Region's API report itself unhealthy, so that DNS moves users away",
    document=f"{_MODULE}:ApiOutOfServiceStep",
    compiler=f"{_MODULE}:compile",
    checks=f"{_MODULE}:check",
    undo=Undo(f"{_MODULE}:undo"),
    effects=frozenset({Effect.CHANGES, Effect.MOVES_USERS}),
    changes=frozenset({ChangedResource.REGION_SWITCH}),
    tasks=(leeward_task("api_switch", tolerates_outage=True),),
    planned_time=PlannedTime(5, 30),
    services=(
        ServiceUse("dynamodb"),
        ServiceUse("dynamodb", region="other"),
    ),
    readiness=("api",),
    example="leeward.kinds.builtin.examples:api-out-of-service.yaml",
)
