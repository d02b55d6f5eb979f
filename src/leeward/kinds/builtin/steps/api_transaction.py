"""`api.transaction`: perform a transaction as the canary user."""

from __future__ import annotations

from leeward.kinds.builtin.task_paths import leeward_task
from leeward.kinds.descriptors.effects import Effect
from leeward.kinds.descriptors.resources import ChangedResource
from leeward.kinds.descriptors.step_kind import MINUTE, PlannedTime, ServiceUse, StepKind

_MODULE = "leeward.state_machines.steps.api_transaction"

KIND = StepKind(
    name="api.transaction",
    summary="Perform a transaction as the canary user",
    document=f"{_MODULE}:ApiTransactionStep",
    compiler=f"{_MODULE}:compile",
    checks=f"{_MODULE}:check",
    effects=frozenset({Effect.CHECKS_SERVICE}),
    changes=frozenset({ChangedResource.APPLICATION_DATA}),
    tasks=(leeward_task("api_transaction"),),
    planned_time=PlannedTime(20, 2 * MINUTE),
    services=(
        ServiceUse("secretsmanager"),
        ServiceUse("cognito-idp"),
    ),
    readiness=("api",),
    example="leeward.kinds.builtin.examples:api-transaction.yaml",
)
