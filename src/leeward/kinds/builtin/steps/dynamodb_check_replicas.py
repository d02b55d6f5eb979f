"""`dynamodb.check_replicas`: check that a global table has a replica in each Region."""

from __future__ import annotations

from leeward.kinds.builtin.task_paths import leeward_task
from leeward.kinds.descriptors.step_kind import PlannedTime, ServiceUse, StepKind

_MODULE = "leeward.state_machines.steps.dynamodb_check_replicas"

KIND = StepKind(
    name="dynamodb.check_replicas",
    summary="Check that a global table has a replica in each Region",
    document=f"{_MODULE}:DynamodbCheckReplicasStep",
    compiler=f"{_MODULE}:compile",
    checks=f"{_MODULE}:check",
    effects=frozenset(),
    tasks=(leeward_task("dynamodb_check_replicas"),),
    planned_time=PlannedTime(3, 10),
    services=(ServiceUse("dynamodb", control_plane=True),),
    readiness=("table",),
    example="leeward.kinds.builtin.examples:dynamodb-check-replicas.yaml",
)
