"""`route53.shift`: move users by DNS weights in stages, and back when errors rise."""

from __future__ import annotations

from leeward.kinds.builtin.task_paths import leeward_task
from leeward.kinds.descriptors.effects import Effect
from leeward.kinds.descriptors.resources import ChangedResource
from leeward.kinds.descriptors.step_kind import PlannedTime, ServiceUse, StepKind, Undo

_MODULE = "leeward.state_machines.steps.route53_shift"

KIND = StepKind(
    name="route53.shift",
    summary="Move users by DNS weights in stages, and back when errors rise",
    document=f"{_MODULE}:Route53ShiftStep",
    compiler=f"{_MODULE}:compile",
    checks=f"{_MODULE}:check",
    undo=Undo(f"{_MODULE}:undo", applies=f"{_MODULE}:moves_users"),
    keeps_effect=f"{_MODULE}:holds_origin",
    effects=frozenset({Effect.CHANGES, Effect.MOVES_USERS}),
    changes=frozenset({ChangedResource.DNS_WEIGHTS}),
    tasks=(leeward_task("route53_shift", probed=True),),
    planned_time=PlannedTime(0, 0, from_document=f"{_MODULE}:stated_time"),
    services=(
        ServiceUse("route53", control_plane=True, region="us-east-1"),
        ServiceUse("monitoring"),
    ),
    readiness=("names",),
    example="leeward.kinds.builtin.examples:route53-shift.yaml",
)
