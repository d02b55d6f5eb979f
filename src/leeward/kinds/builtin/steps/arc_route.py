"""`arc.route`: turn the target Region's routing control on and the origin's off."""

from __future__ import annotations

from leeward.kinds.builtin.task_paths import leeward_task
from leeward.kinds.descriptors.effects import Effect
from leeward.kinds.descriptors.resources import ChangedResource
from leeward.kinds.descriptors.step_kind import PlannedTime, ServiceUse, StepKind, Undo

_MODULE = "leeward.state_machines.steps.arc_route"

KIND = StepKind(
    name="arc.route",
    summary="Turn the target Region's routing control on and the origin's off",
    document=f"{_MODULE}:ArcRouteStep",
    compiler=f"{_MODULE}:compile",
    checks=f"{_MODULE}:check",
    undo=Undo(f"{_MODULE}:undo"),
    effects=frozenset({Effect.CHANGES, Effect.MOVES_USERS}),
    changes=frozenset({ChangedResource.ROUTING_CONTROLS}),
    tasks=(leeward_task("arc_route", probed=True),),
    planned_time=PlannedTime(3, 20),
    services=(ServiceUse("route53-recovery-cluster"),),
    readiness=("routing",),
    simulation=("route53-recovery-cluster",),
    example="leeward.kinds.builtin.examples:arc-route.yaml",
)
