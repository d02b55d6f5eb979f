"""Check that all cluster endpoints of the routing controls respond, and that the controls have the expected states."""

from __future__ import annotations

from collections.abc import Iterator

from leeward.common.errors import CredentialsExpired, LeewardError, Permanent, Transient
from leeward.readiness.model.check_clients import CheckClients
from leeward.readiness.model.findings import ReadinessFinding, failed, ok, unknown, warning
from leeward.readiness.model.readiness_check import ReadinessCheck
from leeward.readiness.model.readiness_input import ReadinessInput
from leeward.traffic.routing.cluster_endpoints import cluster_client
from leeward.traffic.routing.routing_controls import ControlState, read_states

# An ARC cluster works with two of its five endpoints down (ARC developer guide, "Best practices").
_SPARE_ENDPOINTS = 2


def check(inputs: ReadinessInput, clients: CheckClients) -> Iterator[ReadinessFinding]:
    """Check the endpoints and the control states.

    Exactly one control must be on. Both are on if `both_on` is set, because then health checks decide as well.
    Every endpoint is called, since a failover may depend on any one of them.
    """
    del clients  # each cluster endpoint needs a client of its own
    if not inputs.controls:
        return
    arns = sorted(inputs.controls.values())
    errors: dict[str, LeewardError] = {}
    states: dict[str, ControlState] = {}
    for endpoint in inputs.endpoints:
        try:
            states = read_states(cluster_client(endpoint), arns)
        except CredentialsExpired:
            raise  # says nothing about the endpoint
        except Transient as error:
            errors[endpoint.region] = error
        except Permanent as error:
            fix = "correct the ARNs in application.yaml, or the role's permission for GetRoutingControlState"
            yield failed("routing.controls", ", ".join(sorted(inputs.controls)), str(error), fix)
            return
    yield _check_endpoints(inputs, errors)
    if not states:
        fix = "see the finding routing.endpoints; traffic can't be routed until an endpoint responds"
        yield unknown("routing.controls", ", ".join(sorted(inputs.controls)), "no endpoint returned their states", fix)
        return
    regions_on = sorted(region for region, arn in inputs.controls.items() if states[arn] is ControlState.ON)
    expected = "both controls" if inputs.both_on else "only the control of the Region that should serve users"
    fix = f"turn on {expected} (ARC console, Routing controls)"
    detail = f"on: {', '.join(regions_on) or 'none'}"
    if len(regions_on) == 1 or (inputs.both_on and len(regions_on) == len(inputs.controls)):
        yield ok("routing.controls", ", ".join(regions_on), detail)
    else:
        yield failed("routing.controls", ", ".join(sorted(inputs.controls)), detail, fix)


def _check_endpoints(inputs: ReadinessInput, errors: dict[str, LeewardError]) -> ReadinessFinding:
    total = len(inputs.endpoints)
    detail = f"{total - len(errors)} of {total} endpoints respond" + "".join(
        f"; {region}: {str(error).partition(' (')[0]}" for region, error in sorted(errors.items())
    )
    fix = "check the AWS Health Dashboard; if DescribeCluster returns other URLs, correct them in application.yaml"
    subject = ", ".join(sorted(errors)) or "all"
    if len(errors) > _SPARE_ENDPOINTS:
        return failed("routing.endpoints", subject, detail, fix)
    return warning("routing.endpoints", subject, detail, fix) if errors else ok("routing.endpoints", subject, detail)


CHECK = ReadinessCheck("routing", check)
