"""What readiness asks IAM about for the task `ask`."""

from __future__ import annotations

from collections.abc import Iterator

from leeward.state_machines.asl import JsonObject
from leeward.state_machines.deployment.permission_probes.probed_call import ProbedCall


def probed_permissions(call: ProbedCall) -> Iterator[JsonObject]:
    """Yield the permission to notify operators."""
    yield call.topic_grant
