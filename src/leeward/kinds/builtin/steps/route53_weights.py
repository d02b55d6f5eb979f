"""`route53.weights`: move all users by DNS weights at once."""

from __future__ import annotations

from leeward.kinds.builtin.task_paths import leeward_task
from leeward.kinds.descriptors.effects import Effect
from leeward.kinds.descriptors.resources import ChangedResource
from leeward.kinds.descriptors.step_kind import MINUTE, PlannedTime, ServiceUse, StepKind

_MODULE = "leeward.state_machines.steps.route53_weights"

KIND = StepKind(
    name="route53.weights",
    summary="Move all users by DNS weights at once",
    document=f"{_MODULE}:Route53WeightsStep",
    compiler=f"{_MODULE}:compile",
    checks=f"{_MODULE}:check",
    effects=frozenset({Effect.CHANGES, Effect.MOVES_USERS}),
    changes=frozenset({ChangedResource.DNS_WEIGHTS}),
    tasks=(leeward_task("route53_weights", probed=True),),
    planned_time=PlannedTime(45, 2 * MINUTE),
    services=(ServiceUse("route53", control_plane=True, region="us-east-1"),),
    readiness=("names",),
    example="leeward.kinds.builtin.examples:route53-weights.yaml",
)
