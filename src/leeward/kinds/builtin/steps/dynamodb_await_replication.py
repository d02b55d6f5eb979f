"""`dynamodb.await_replication`: wait until writes of one Region have arrived in the other."""

from __future__ import annotations

from leeward.kinds.builtin.task_paths import leeward_task
from leeward.kinds.descriptors.effects import Effect
from leeward.kinds.descriptors.step_kind import MINUTE, PlannedTime, ServiceUse, StepKind

_MODULE = "leeward.state_machines.steps.dynamodb_await_replication"

KIND = StepKind(
    name="dynamodb.await_replication",
    summary="Wait until writes of one Region have arrived in the other",
    document=f"{_MODULE}:DynamodbAwaitReplicationStep",
    compiler=f"{_MODULE}:compile",
    checks=f"{_MODULE}:check",
    effects=frozenset({Effect.AWAITS_WRITES}),
    tasks=(leeward_task("dynamodb_await_replication"),),
    planned_time=PlannedTime(5, MINUTE),
    services=(
        ServiceUse("dynamodb"),
        ServiceUse("dynamodb", region="other"),
    ),
    readiness=("table",),
    example="leeward.kinds.builtin.examples:dynamodb-await-replication.yaml",
)
