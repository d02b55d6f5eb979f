"""`drs.await_replication`: wait until server groups are replicated."""

from __future__ import annotations

from leeward.kinds.builtin.task_paths import leeward_task
from leeward.kinds.descriptors.effects import Effect
from leeward.kinds.descriptors.step_kind import MINUTE, PlannedTime, ServiceUse, StepKind

_MODULE = "leeward.state_machines.steps.drs_await_replication"

KIND = StepKind(
    name="drs.await_replication",
    summary="Wait until server groups are replicated",
    document=f"{_MODULE}:DrsAwaitReplicationStep",
    compiler=f"{_MODULE}:compile",
    checks=f"{_MODULE}:check",
    effects=frozenset({Effect.AWAITS_COPIES}),
    tasks=(leeward_task("drs_await_replication"),),
    planned_time=PlannedTime(40 * MINUTE, 120 * MINUTE),
    services=(ServiceUse("drs", control_plane=True),),
    simulation=("drs",),
    example="leeward.kinds.builtin.examples:drs-await-replication.yaml",
)
