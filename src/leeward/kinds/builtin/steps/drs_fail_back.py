"""`drs.fail_back`: launch the origin's servers again, from their new copies."""

from __future__ import annotations

from leeward.kinds.builtin.planned_launch import PLANNED_LAUNCH
from leeward.kinds.builtin.task_paths import leeward_task
from leeward.kinds.descriptors.effects import Effect
from leeward.kinds.descriptors.resources import ChangedResource
from leeward.kinds.descriptors.step_kind import ServiceUse, StepKind, Undo

_MODULE = "leeward.state_machines.steps.drs_fail_back"

KIND = StepKind(
    name="drs.fail_back",
    summary="Launch the origin's servers again, from their new copies",
    document=f"{_MODULE}:DrsFailBackStep",
    compiler=f"{_MODULE}:compile",
    checks=f"{_MODULE}:check",
    undo=Undo(f"{_MODULE}:undo", continues_if_failed=True, tasks=(leeward_task("drs_recover_undo"),)),
    waves=f"{_MODULE}:count_waves",
    effects=frozenset({Effect.CHANGES, Effect.LAUNCHES, Effect.OVERWRITES_ORIGIN}),
    changes=frozenset({ChangedResource.INSTANCES, ChangedResource.RECOVERY_INSTANCES, ChangedResource.SOURCE_SERVERS}),
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
    example="leeward.kinds.builtin.examples:drs-fail-back.yaml",
)
