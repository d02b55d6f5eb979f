"""`drs.recovery_plan`: execute a DRS Recovery Plan."""

from __future__ import annotations

from leeward.kinds.builtin.task_paths import leeward_task
from leeward.kinds.descriptors.effects import Effect
from leeward.kinds.descriptors.resources import ChangedResource
from leeward.kinds.descriptors.step_kind import MINUTE, PlannedTime, ServiceUse, StepKind

_MODULE = "leeward.state_machines.steps.drs_recovery_plan"

KIND = StepKind(
    name="drs.recovery_plan",
    summary="Execute a DRS Recovery Plan",
    document=f"{_MODULE}:DrsRecoveryPlanStep",
    compiler=f"{_MODULE}:compile",
    checks=f"{_MODULE}:check",
    effects=frozenset({Effect.CHANGES, Effect.LAUNCHES, Effect.LAUNCHES_DRILL}),
    changes=frozenset({ChangedResource.INSTANCES, ChangedResource.RECOVERY_INSTANCES}),
    tasks=(leeward_task("drs_recovery_plan"),),
    planned_time=PlannedTime(20 * MINUTE, 40 * MINUTE),
    services=(
        ServiceUse("drs", control_plane=True),
        ServiceUse("ec2", control_plane=True),
    ),
    readiness=("replication",),
    simulation=("drs",),
    example="leeward.kinds.builtin.examples:drs-recovery-plan.yaml",
)
