"""`drs.launch_into`: launch the servers' data into instances that already exist."""

from __future__ import annotations

from leeward.kinds.builtin.planned_launch import PLANNED_LAUNCH
from leeward.kinds.builtin.task_paths import leeward_task
from leeward.kinds.descriptors.effects import Effect
from leeward.kinds.descriptors.resources import ChangedResource
from leeward.kinds.descriptors.step_kind import ServiceUse, StepKind

_MODULE = "leeward.state_machines.steps.drs_launch_into"

KIND = StepKind(
    name="drs.launch_into",
    summary="Launch the servers' data into instances that already exist",
    document=f"{_MODULE}:DrsLaunchIntoStep",
    compiler=f"{_MODULE}:compile",
    checks=f"{_MODULE}:check",
    waves=f"{_MODULE}:count_waves",
    effects=frozenset({Effect.CHANGES, Effect.LAUNCHES, Effect.LAUNCHES_DRILL}),
    changes=frozenset({ChangedResource.INSTANCES, ChangedResource.RECOVERY_INSTANCES, ChangedResource.LAUNCH_SETTINGS}),
    tasks=(leeward_task("drs_launch_into"),),
    planned_time=PLANNED_LAUNCH,
    quotas="leeward.state_machines.planning.launch_quotas:launch_quotas",
    services=(
        ServiceUse("drs", control_plane=True),
        ServiceUse("ec2", control_plane=True),
    ),
    readiness=(
        "replication",
        "launch",
        "quota",
    ),
    simulation=("drs",),
    example="leeward.kinds.builtin.examples:drs-launch-into.yaml",
)
