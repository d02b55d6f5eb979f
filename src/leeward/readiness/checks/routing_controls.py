"""Can traffic be moved? Each endpoint of the routing controls' cluster is asked, for any may be the last one left."""

from __future__ import annotations

from collections.abc import Iterator

from leeward.common.errors import LeewardError, Permanent, Transient
from leeward.readiness.model.check_clients import CheckClients
from leeward.readiness.model.findings import ReadinessFinding, failed, ok, unknown, warning
from leeward.readiness.model.readiness_input import ReadinessInput
from leeward.traffic.routing.cluster_endpoints import cluster_client
from leeward.traffic.routing.routing_controls import ControlState, read_states

# ARC's own promise: the cluster works with two of its five endpoints down (ARC developer guide, "Best practices").
_SPARE_ENDPOINTS = 2


def check(inputs: ReadinessInput, clients: CheckClients) -> Iterator[ReadinessFinding]:
    """The endpoints answer, the controls exist, and those are on that are to be: one, or both where health decides."""
    del clients  # the cluster's endpoints have Regions of their own
    if not inputs.controls:
        return
    arns = sorted(inputs.controls.values())
    silent: dict[str, LeewardError] = {}
    seen: dict[str, ControlState] = {}
    for endpoint in inputs.endpoints:
        try:
            seen = read_states(cluster_client(endpoint), arns)
        except Transient as error:
            silent[endpoint.region] = error
        except Permanent as error:
            fix = "correct the ARNs in application.yaml, or the role's permission for GetRoutingControlState"
            yield failed("routing.controls", ", ".join(sorted(inputs.controls)), str(error), fix)
            return
    yield _check_endpoints(inputs, silent)
    if not seen:
        fix = "see the endpoints' own findings; nothing can be routed until one of them answers"
        yield unknown("routing.controls", ", ".join(sorted(inputs.controls)), "no endpoint told their states", fix)
        return
    on = sorted(region for region, arn in inputs.controls.items() if seen[arn] is ControlState.ON)
    which = "both controls" if inputs.both_on else "the control of the Region that is to serve, and no other"
    fix = f"turn on {which} (ARC console, Routing controls)"
    told = f"on: {', '.join(on) or 'none'}"
    if len(on) == 1 or (inputs.both_on and len(on) == len(inputs.controls)):
        yield ok("routing.controls", ", ".join(on), told)
    else:
        yield failed("routing.controls", ", ".join(sorted(inputs.controls)), told, fix)


def _check_endpoints(inputs: ReadinessInput, silent: dict[str, LeewardError]) -> ReadinessFinding:
    every = len(inputs.endpoints)
    told = f"{every - len(silent)} of {every} endpoints answer" + "".join(
        f"; {region}: {str(error).partition(' (')[0]}" for region, error in sorted(silent.items())
    )
    fix = "look at the AWS Health Dashboard; if the URLs have changed: DescribeCluster, then application.yaml"
    name = ", ".join(sorted(silent)) or "all"
    if len(silent) > _SPARE_ENDPOINTS:
        return failed("routing.endpoints", name, told, fix)
    return warning("routing.endpoints", name, told, fix) if silent else ok("routing.endpoints", name, told)
