"""`api.in_service`: make a Region's API report itself healthy again."""

from __future__ import annotations

from leeward.kinds.builtin.task_paths import leeward_task
from leeward.kinds.descriptors.effects import Effect
from leeward.kinds.descriptors.resources import ChangedResource
from leeward.kinds.descriptors.step_kind import PlannedTime, ServiceUse, StepKind, Undo

_MODULE = "leeward.state_machines.steps.api_in_service"

KIND = StepKind(
    name="api.in_service",
    summary="Make a Region's API report itself healthy again",
    document=f"{_MODULE}:ApiInServiceStep",
    compiler=f"{_MODULE}:compile",
    checks=f"{_MODULE}:check",
    undo=Undo(f"{_MODULE}:undo"),
    effects=frozenset({Effect.CHANGES, Effect.MOVES_USERS, Effect.RESTORES_SERVICE}),
    changes=frozenset({ChangedResource.REGION_SWITCH}),
    tasks=(leeward_task("api_switch", tolerates_outage=True),),
    planned_time=PlannedTime(5, 30),
    services=(
        ServiceUse("dynamodb"),
        ServiceUse("dynamodb", region="other"),
    ),
    readiness=("api",),
    example="leeward.kinds.builtin.examples:api-in-service.yaml",
)
