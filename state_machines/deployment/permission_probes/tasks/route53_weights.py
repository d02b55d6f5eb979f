"""What readiness asks IAM about for the task `route53_weights`."""

from __future__ import annotations

from collections.abc import Iterator

from leeward.state_machines.asl import JsonObject
from leeward.state_machines.deployment.permission_probes.probed_call import ProbedCall


def probed_permissions(call: ProbedCall) -> Iterator[JsonObject]:
    """Yield the permission to change the record."""
    zone = f"arn:aws:route53:::hostedzone/{call.parameters['hosted_zone']}"
    yield call.grant("route53:ChangeResourceRecordSets", [zone])
