"""`drs.discard`: delete the copies that a drill's reversal created."""

from __future__ import annotations

from leeward.kinds.builtin.task_paths import leeward_task
from leeward.kinds.descriptors.effects import Effect
from leeward.kinds.descriptors.resources import ChangedResource
from leeward.kinds.descriptors.step_kind import MINUTE, PlannedTime, ServiceUse, StepKind

_MODULE = "leeward.state_machines.steps.drs_discard"

KIND = StepKind(
    name="drs.discard",
    summary="Delete the copies that a drill's reversal created",
    document=f"{_MODULE}:DrsDiscardStep",
    compiler=f"{_MODULE}:compile",
    checks=f"{_MODULE}:check",
    keeps_effect=f"{_MODULE}:keeps_effect",
    effects=frozenset({Effect.CHANGES, Effect.DISCARDS_COPIES}),
    changes=frozenset(
        {ChangedResource.SOURCE_SERVERS, ChangedResource.LAUNCH_SETTINGS, ChangedResource.RECOVERY_INSTANCES}
    ),
    tasks=(leeward_task("drs_discard"),),
    planned_time=PlannedTime(30, 2 * MINUTE),
    services=(
        ServiceUse("drs", control_plane=True),
        ServiceUse("drs", control_plane=True, region="other"),
    ),
    simulation=("drs",),
    example="leeward.kinds.builtin.examples:drs-discard.yaml",
)
