"""`approval.request`: ask for approval, and wait for the answer."""

from __future__ import annotations

from leeward.kinds.builtin.task_paths import leeward_task
from leeward.kinds.descriptors.effects import Effect
from leeward.kinds.descriptors.step_kind import MINUTE, PlannedTime, ServiceUse, StepKind

_MODULE = "leeward.state_machines.steps.approval_request"

KIND = StepKind(
    name="approval.request",
    summary="Ask for approval, and wait for the answer",
    document=f"{_MODULE}:ApprovalRequestStep",
    compiler=f"{_MODULE}:compile",
    effects=frozenset({Effect.ASKS_APPROVAL}),
    tasks=(leeward_task("approval_request", probed=True),),
    is_journaled=False,
    may_be_skipped=False,
    waits_for="an operator",
    planned_time=PlannedTime(2 * MINUTE, 10 * MINUTE),
    services=(
        ServiceUse("sns"),
        ServiceUse("states"),
    ),
    example="leeward.kinds.builtin.examples:approval-request.yaml",
)
