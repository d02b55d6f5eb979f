"""The rules of `arc.routing_controls` components."""

from __future__ import annotations

from collections.abc import Iterator

from leeward.state_machines.application.application_document import Application
from leeward.state_machines.components.arc_routing_controls import RoutingControlsComponent
from leeward.state_machines.diagnostics.document_locations import DocumentLocation
from leeward.state_machines.diagnostics.problems import DocumentProblem
from leeward.state_machines.rules.arn_rules import check_arn, check_distinct, check_regions
from leeward.state_machines.rules.component_references import check_health


def check(
    routing: RoutingControlsComponent, location: DocumentLocation, application: Application
) -> Iterator[DocumentProblem]:
    """Check the endpoints, the controls, and the health checks."""
    yield from check_distinct(routing.endpoints, location.child("endpoints"), "endpoint")
    yield from check_health(routing.health, location, application)
    if routing.normally == "both" and routing.health is None:
        yield location.child("normally").problem(
            "with both controls on, nothing selects a Region", expected="health: the API whose health checks decide"
        )
    location = location.child("controls")
    yield from check_regions(routing.controls, location, application)
    yield from check_distinct(routing.controls, location, "routing control")
    for region, arn in routing.controls.items():
        yield from check_arn(
            arn,
            location.child(region),
            application,
            service="route53-recovery-control",
            resource="routingcontrol",
            region="",
        )
