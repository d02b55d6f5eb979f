"""`drs.protect`: turn on termination protection of the servers that serve."""

from __future__ import annotations

from leeward.kinds.builtin.task_paths import leeward_task
from leeward.kinds.descriptors.effects import Effect
from leeward.kinds.descriptors.resources import ChangedResource
from leeward.kinds.descriptors.step_kind import PlannedTime, ServiceUse, StepKind, Undo

_MODULE = "leeward.state_machines.steps.drs_protect"

KIND = StepKind(
    name="drs.protect",
    summary="Turn on termination protection of the servers that serve",
    document=f"{_MODULE}:DrsProtectStep",
    compiler=f"{_MODULE}:compile",
    checks=f"{_MODULE}:check",
    undo=Undo(f"{_MODULE}:undo", continues_if_failed=True, tasks=(leeward_task("drs_unprotect"),)),
    effects=frozenset({Effect.CHANGES}),
    changes=frozenset(
        {ChangedResource.SOURCE_SERVERS, ChangedResource.LAUNCH_SETTINGS, ChangedResource.TERMINATION_PROTECTION}
    ),
    tasks=(leeward_task("drs_protect"),),
    planned_time=PlannedTime(3, 15),
    services=(
        ServiceUse("drs", control_plane=True),
        ServiceUse("ec2", control_plane=True),
    ),
    simulation=("drs",),
    example="leeward.kinds.builtin.examples:drs-protect.yaml",
)
