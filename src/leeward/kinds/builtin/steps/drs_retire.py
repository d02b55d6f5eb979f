"""`drs.retire`: remove what ran in the Region that was left, once the other is protected."""

from __future__ import annotations

from leeward.kinds.builtin.task_paths import leeward_task
from leeward.kinds.descriptors.effects import Effect
from leeward.kinds.descriptors.resources import ChangedResource
from leeward.kinds.descriptors.step_kind import MINUTE, PlannedTime, ServiceUse, StepKind

_MODULE = "leeward.state_machines.steps.drs_retire"

KIND = StepKind(
    name="drs.retire",
    summary="Remove what ran in the Region that was left, once the other is protected",
    document=f"{_MODULE}:DrsRetireStep",
    compiler=f"{_MODULE}:compile",
    checks=f"{_MODULE}:check",
    effects=frozenset({Effect.CHANGES, Effect.REMOVES_SERVERS, Effect.RETIRES_ORIGIN}),
    changes=frozenset(
        {
            ChangedResource.INSTANCES,
            ChangedResource.SOURCE_SERVERS,
            ChangedResource.RECOVERY_INSTANCES,
            ChangedResource.LAUNCH_SETTINGS,
            ChangedResource.TERMINATION_PROTECTION,
        }
    ),
    tasks=(leeward_task("drs_retire"),),
    planned_time=PlannedTime(5 * MINUTE, 15 * MINUTE),
    services=(
        ServiceUse("drs", control_plane=True),
        ServiceUse("ec2", control_plane=True),
        ServiceUse("drs", control_plane=True, region="other"),
        ServiceUse("ec2", control_plane=True, region="other"),
    ),
    simulation=("drs",),
    example="leeward.kinds.builtin.examples:drs-retire.yaml",
)
