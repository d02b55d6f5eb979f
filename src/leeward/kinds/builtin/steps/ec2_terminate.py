"""`ec2.terminate`: terminate the instances that a failback has replaced."""

from __future__ import annotations

from leeward.kinds.builtin.task_paths import leeward_task
from leeward.kinds.descriptors.effects import Effect
from leeward.kinds.descriptors.resources import ChangedResource
from leeward.kinds.descriptors.step_kind import MINUTE, PlannedTime, ServiceUse, StepKind

_MODULE = "leeward.state_machines.steps.ec2_terminate"

KIND = StepKind(
    name="ec2.terminate",
    summary="Terminate the instances that a failback has replaced",
    document=f"{_MODULE}:Ec2TerminateStep",
    compiler=f"{_MODULE}:compile",
    checks=f"{_MODULE}:check",
    effects=frozenset({Effect.CHANGES, Effect.REMOVES_SERVERS}),
    changes=frozenset({ChangedResource.INSTANCES, ChangedResource.RECOVERY_INSTANCES, ChangedResource.SOURCE_SERVERS}),
    tasks=(leeward_task("ec2_terminate"),),
    planned_time=PlannedTime(MINUTE, 3 * MINUTE),
    services=(
        ServiceUse("ec2", control_plane=True),
        ServiceUse("drs", control_plane=True),
        ServiceUse("drs", control_plane=True, region="other"),
    ),
    simulation=("drs",),
    example="leeward.kinds.builtin.examples:ec2-terminate.yaml",
)
