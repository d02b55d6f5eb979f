"""`preflight`: check whether the run can succeed, before any change."""

from __future__ import annotations

from leeward.kinds.builtin.task_paths import leeward_task
from leeward.kinds.descriptors.step_kind import PlannedTime, ServiceUse, StepKind

_MODULE = "leeward.state_machines.steps.preflight"

KIND = StepKind(
    name="preflight",
    summary="Check whether the run can succeed, before any change",
    document=f"{_MODULE}:PreflightStep",
    compiler=f"{_MODULE}:compile",
    checks=f"{_MODULE}:check",
    effects=frozenset(),
    tasks=(leeward_task("preflight"),),
    planned_time=PlannedTime(5, 20),
    services=(
        ServiceUse("drs", control_plane=True),
        ServiceUse("ec2", control_plane=True),
        ServiceUse("elasticloadbalancing", control_plane=True),
        ServiceUse("route53-recovery-cluster"),
        ServiceUse("sns"),
    ),
    readiness=(
        "replication",
        "quota",
        "routing",
    ),
    simulation=("drs",),
    example="leeward.kinds.builtin.examples:preflight.yaml",
)
