"""`drs.recover`: launch server groups, in waves."""

from __future__ import annotations

from leeward.kinds.builtin.planned_launch import PLANNED_LAUNCH
from leeward.kinds.builtin.task_paths import leeward_task
from leeward.kinds.descriptors.effects import Effect
from leeward.kinds.descriptors.resources import ChangedResource
from leeward.kinds.descriptors.step_kind import ServiceUse, StepKind, Undo

_MODULE = "leeward.state_machines.steps.drs_recover"

KIND = StepKind(
    name="drs.recover",
    summary="Launch server groups, in waves",
    document=f"{_MODULE}:DrsRecoverStep",
    compiler=f"{_MODULE}:compile",
    checks=f"{_MODULE}:check",
    undo=Undo(f"{_MODULE}:undo", continues_if_failed=True, tasks=(leeward_task("drs_recover_undo"),)),
    waves=f"{_MODULE}:count_waves",
    effects=frozenset({Effect.CHANGES, Effect.LAUNCHES, Effect.LAUNCHES_DRILL}),
    changes=frozenset({ChangedResource.INSTANCES, ChangedResource.RECOVERY_INSTANCES}),
    tasks=(leeward_task("drs_recover", probed=True),),
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
    example="leeward.kinds.builtin.examples:drs-recover.yaml",
)
