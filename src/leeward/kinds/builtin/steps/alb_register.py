"""`alb.register`: register recovered instances with a target group."""

from __future__ import annotations

from leeward.kinds.builtin.task_paths import leeward_task
from leeward.kinds.descriptors.effects import Effect
from leeward.kinds.descriptors.resources import ChangedResource
from leeward.kinds.descriptors.step_kind import MINUTE, PlannedTime, ServiceUse, StepKind, Undo

_MODULE = "leeward.state_machines.steps.alb_register"

KIND = StepKind(
    name="alb.register",
    summary="Register recovered instances with a target group",
    document=f"{_MODULE}:AlbRegisterStep",
    compiler=f"{_MODULE}:compile",
    checks=f"{_MODULE}:check",
    undo=Undo(f"{_MODULE}:undo", tasks=(leeward_task("alb_deregister", probed=True),)),
    effects=frozenset({Effect.CHANGES, Effect.CHANGES_TARGETS, Effect.REGISTERS_SERVERS}),
    changes=frozenset({ChangedResource.TARGETS}),
    tasks=(leeward_task("alb_register", probed=True),),
    planned_time=PlannedTime(MINUTE, 3 * MINUTE),
    services=(
        ServiceUse("elasticloadbalancing", control_plane=True),
        ServiceUse("drs", control_plane=True),
        ServiceUse("ec2", control_plane=True),
    ),
    readiness=("balancer",),
    simulation=("drs",),
    example="leeward.kinds.builtin.examples:alb-register.yaml",
)
