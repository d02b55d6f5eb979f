"""`alb.deregister`: take instances out of a target group, and wait until they have drained."""

from __future__ import annotations

from leeward.kinds.builtin.task_paths import leeward_task
from leeward.kinds.descriptors.effects import Effect
from leeward.kinds.descriptors.resources import ChangedResource
from leeward.kinds.descriptors.step_kind import MINUTE, PlannedTime, ServiceUse, StepKind, Undo

_MODULE = "leeward.state_machines.steps.alb_deregister"

KIND = StepKind(
    name="alb.deregister",
    summary="Take instances out of a target group, and wait until they have drained",
    document=f"{_MODULE}:AlbDeregisterStep",
    compiler=f"{_MODULE}:compile",
    checks=f"{_MODULE}:check",
    undo=Undo(f"{_MODULE}:undo", tasks=(leeward_task("alb_register", probed=True),)),
    effects=frozenset({Effect.CHANGES, Effect.CHANGES_TARGETS, Effect.FENCES_WRITES}),
    changes=frozenset({ChangedResource.TARGETS}),
    tasks=(leeward_task("alb_deregister", probed=True),),
    planned_time=PlannedTime(45, 5 * MINUTE),
    services=(
        ServiceUse("elasticloadbalancing", control_plane=True),
        ServiceUse("drs", control_plane=True),
        ServiceUse("drs", control_plane=True, region="other"),
    ),
    readiness=("balancer",),
    simulation=("drs",),
    example="leeward.kinds.builtin.examples:alb-deregister.yaml",
)
