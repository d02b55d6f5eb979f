"""What readiness asks IAM about for the task `drs_recover`."""

from __future__ import annotations

from collections.abc import Iterator

from leeward.state_machines.asl import Json, JsonObject
from leeward.state_machines.deployment.permission_probes.probed_call import ProbedCall

# An ID that no server has. The tags in the request's context decide whether the call is allowed.
_UNKNOWN_SERVER_ID = "s-00000000000000000"


def probed_permissions(call: ProbedCall) -> Iterator[JsonObject]:
    """Yield the permission to launch servers."""
    region = call.parameters.get("region") or call.region
    for group in (group for wave in call.parameters["waves"] for group in wave):
        servers: list[Json] = [
            f"arn:aws:drs:{region}:{call.application.account}:source-server/{server}"
            for server in group.get("ids") or (_UNKNOWN_SERVER_ID,)
        ]
        context: JsonObject = {f"aws:ResourceTag/{key}": value for key, value in (group.get("tags") or {}).items()}
        yield call.grant("drs:StartRecovery", servers, context)
