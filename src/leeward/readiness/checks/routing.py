"""Can traffic be moved? Each endpoint of the routing controls' cluster is asked, for any may be the last one left."""

from __future__ import annotations

from collections.abc import Iterator

from leeward.common.errors import LeewardError, Permanent, Transient
from leeward.readiness.findings import Finding, failed, ok, unknown, warning
from leeward.readiness.reach import Reach
from leeward.readiness.subject import Subject
from leeward.traffic.endpoints import cluster
from leeward.traffic.routing_controls import Switch, states

# ARC's own promise: the cluster works with two of its five endpoints down (ARC developer guide, "Best practices").
_SPARE_ENDPOINTS = 2


def look(subject: Subject, reach: Reach) -> Iterator[Finding]:
    """The endpoints answer, the controls exist, and those are on that are to be: one, or both where health decides."""
    del reach  # the cluster's endpoints have Regions of their own
    if not subject.controls:
        return
    arns = sorted(subject.controls.values())
    silent: dict[str, LeewardError] = {}
    seen: dict[str, Switch] = {}
    for endpoint in subject.endpoints:
        try:
            seen = states(cluster(endpoint), arns)
        except Transient as error:
            silent[endpoint.region] = error
        except Permanent as error:
            fix = "correct the ARNs in application.yaml, or the role's permission for GetRoutingControlState"
            yield failed("routing.controls", ", ".join(sorted(subject.controls)), str(error), fix)
            return
    yield _endpoints(subject, silent)
    if not seen:
        fix = "see the endpoints' own findings; nothing can be routed until one of them answers"
        yield unknown("routing.controls", ", ".join(sorted(subject.controls)), "no endpoint told their states", fix)
        return
    on = sorted(region for region, arn in subject.controls.items() if seen[arn] is Switch.ON)
    which = "both controls" if subject.both_on else "the control of the Region that is to serve, and no other"
    fix = f"turn on {which} (ARC console, Routing controls)"
    told = f"on: {', '.join(on) or 'none'}"
    if len(on) == 1 or (subject.both_on and len(on) == len(subject.controls)):
        yield ok("routing.controls", ", ".join(on), told)
    else:
        yield failed("routing.controls", ", ".join(sorted(subject.controls)), told, fix)


def _endpoints(subject: Subject, silent: dict[str, LeewardError]) -> Finding:
    every = len(subject.endpoints)
    told = f"{every - len(silent)} of {every} endpoints answer" + "".join(
        f"; {region}: {str(error).partition(' (')[0]}" for region, error in sorted(silent.items())
    )
    fix = "look at the AWS Health Dashboard; if the URLs have changed: DescribeCluster, then application.yaml"
    name = ", ".join(sorted(silent)) or "all"
    if len(silent) > _SPARE_ENDPOINTS:
        return failed("routing.endpoints", name, told, fix)
    return warning("routing.endpoints", name, told, fix) if silent else ok("routing.endpoints", name, told)
