"""`drs.terminate`: terminate the instances that a drill launched."""

from __future__ import annotations

from leeward.kinds.builtin.task_paths import leeward_task
from leeward.kinds.descriptors.effects import Effect
from leeward.kinds.descriptors.resources import ChangedResource
from leeward.kinds.descriptors.step_kind import MINUTE, PlannedTime, ServiceUse, StepKind

_MODULE = "leeward.state_machines.steps.drs_terminate"

KIND = StepKind(
    name="drs.terminate",
    summary="Terminate the instances that a drill launched",
    document=f"{_MODULE}:DrsTerminateStep",
    compiler=f"{_MODULE}:compile",
    checks=f"{_MODULE}:check",
    keeps_effect=f"{_MODULE}:keeps_effect",
    effects=frozenset({Effect.CHANGES, Effect.ENDS_DRILL}),
    changes=frozenset({ChangedResource.INSTANCES, ChangedResource.RECOVERY_INSTANCES}),
    tasks=(leeward_task("drs_recover_undo"),),
    planned_time=PlannedTime(2 * MINUTE, 5 * MINUTE),
    services=(
        ServiceUse("drs", control_plane=True),
        ServiceUse("ec2", control_plane=True),
    ),
    simulation=("drs",),
    example="leeward.kinds.builtin.examples:drs-terminate.yaml",
)
