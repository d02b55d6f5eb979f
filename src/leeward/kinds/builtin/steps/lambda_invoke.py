"""`lambda.invoke`: call a team's own function."""

from __future__ import annotations

from leeward.kinds.descriptors.effects import Effect
from leeward.kinds.descriptors.resources import ChangedResource
from leeward.kinds.descriptors.step_kind import MINUTE, PlannedTime, ServiceUse, StepKind, Undo

_MODULE = "leeward.state_machines.steps.lambda_invoke"

KIND = StepKind(
    name="lambda.invoke",
    summary="Call a team's own function",
    document=f"{_MODULE}:LambdaInvokeStep",
    compiler=f"{_MODULE}:compile",
    checks=f"{_MODULE}:check",
    undo=Undo(f"{_MODULE}:undo", applies=f"{_MODULE}:can_undo"),
    effects=frozenset({Effect.CHANGES}),
    changes=frozenset({ChangedResource.ANY}),
    is_journaled=False,
    planned_time=PlannedTime(5, MINUTE),
    services=(ServiceUse("lambda"),),
    example="leeward.kinds.builtin.examples:lambda-invoke.yaml",
)
