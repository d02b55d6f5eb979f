"""`drs.reverse`: replicate what serves now to the other Region."""

from __future__ import annotations

from leeward.kinds.builtin.task_paths import leeward_task
from leeward.kinds.descriptors.effects import Effect
from leeward.kinds.descriptors.resources import ChangedResource
from leeward.kinds.descriptors.step_kind import MINUTE, PlannedTime, ServiceUse, StepKind, Undo

_MODULE = "leeward.state_machines.steps.drs_reverse"

KIND = StepKind(
    name="drs.reverse",
    summary="Replicate what serves now to the other Region",
    document=f"{_MODULE}:DrsReverseStep",
    compiler=f"{_MODULE}:compile",
    checks=f"{_MODULE}:check",
    undo=Undo(
        f"{_MODULE}:undo", applies=f"{_MODULE}:is_drill", continues_if_failed=True, tasks=(leeward_task("drs_discard"),)
    ),
    keeps_effect=f"{_MODULE}:keeps_effect",
    effects=frozenset({Effect.CHANGES, Effect.REVERSES}),
    changes=frozenset({ChangedResource.SOURCE_SERVERS, ChangedResource.LAUNCH_SETTINGS}),
    tasks=(leeward_task("drs_reverse", tolerates_outage=True),),
    planned_time=PlannedTime(30, 3 * MINUTE),
    services=(
        ServiceUse("drs", control_plane=True),
        ServiceUse("ec2", control_plane=True),
        ServiceUse("drs", control_plane=True, region="other"),
    ),
    simulation=("drs",),
    example="leeward.kinds.builtin.examples:drs-reverse.yaml",
)
