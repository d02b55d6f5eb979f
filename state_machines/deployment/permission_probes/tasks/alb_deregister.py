"""What readiness asks IAM about for the task `alb_deregister`."""

from __future__ import annotations

from collections.abc import Iterator

from leeward.state_machines.asl import Json, JsonObject
from leeward.state_machines.deployment.permission_probes.probed_call import ProbedCall


def probed_permissions(call: ProbedCall) -> Iterator[JsonObject]:
    """Yield the permission to deregister targets."""
    arns: list[Json] = [str(target["target_group_arn"]) for target in call.parameters["targets"]]
    yield call.grant("elasticloadbalancing:DeregisterTargets", arns)
