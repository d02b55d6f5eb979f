"""Validation rules for each kind of component."""

from __future__ import annotations

from collections.abc import Iterator

from leeward.state_machines.application.application_document import Application
from leeward.state_machines.components import (
    Component,
    FailoverRecordsComponent,
    GlobalTableComponent,
    LatencyRecordsComponent,
    RestApiComponent,
    RoutingControlsComponent,
    ServerGroupComponent,
    TargetGroupComponent,
    WeightedRecordsComponent,
)
from leeward.state_machines.diagnostics.document_locations import DocumentLocation
from leeward.state_machines.diagnostics.problems import DocumentProblem
from leeward.state_machines.rules.arn_rules import check_arn, check_distinct, check_regions
from leeward.state_machines.rules.step_scope import check_component_kind


def check_component(
    component: Component, location: DocumentLocation, application: Application
) -> Iterator[DocumentProblem]:
    """Yield the problems of one component, which is at `location`."""
    match component:
        case ServerGroupComponent():
            yield from _check_servers(component, location, application)
        case TargetGroupComponent():
            yield from _check_target_group(component, location, application)
        case RoutingControlsComponent():
            yield from _check_routing_controls(component, location, application)
        case GlobalTableComponent():
            pass  # its Regions are the application's, and its model checks its fields
        case RestApiComponent():
            yield from _check_rest_api(component, location, application)
        case WeightedRecordsComponent() | FailoverRecordsComponent() | LatencyRecordsComponent():
            yield from _check_health(component.health, location, application)
            for field, values, label in (
                ("values", component.values, "value"),
                ("set_identifiers", component.set_identifiers, "set identifier"),
            ):
                yield from check_regions(values, location.child(field), application)
                yield from check_distinct(values, location.child(field), label)


def _check_servers(
    servers: ServerGroupComponent, location: DocumentLocation, application: Application
) -> Iterator[DocumentProblem]:
    for index, name in enumerate(servers.after):
        yield from check_component_kind(application, name, ServerGroupComponent, location.child("after", index))
        if name in servers.after[:index]:
            yield location.child("after", index).problem(f'"{name}" is listed twice')
    ids = servers.servers.ids
    if ids and servers.expect is not None and servers.expect != len(ids):
        yield location.child("expect").problem(
            f"expect is {servers.expect}, but {len(ids)} ids are listed", expected=f"{len(ids)}, or no expect"
        )
    if not ids and servers.expect is None:
        yield location.child("servers").warning(
            "the group has no expect, so a server that DRS omits from a list is not noticed",
            hint="add expect: and the number of servers in the group",
        )


def _check_target_group(
    targets: TargetGroupComponent, location: DocumentLocation, application: Application
) -> Iterator[DocumentProblem]:
    yield from check_component_kind(application, targets.serves, ServerGroupComponent, location.child("serves"))
    location = location.child("target_groups")
    yield from check_regions(targets.target_groups, location, application)
    yield from check_distinct(targets.target_groups, location, "target group")
    for region, arn in targets.target_groups.items():
        yield from check_arn(
            arn,
            location.child(region),
            application,
            service="elasticloadbalancing",
            resource="targetgroup",
            region=region,
        )


def _check_routing_controls(
    routing: RoutingControlsComponent, location: DocumentLocation, application: Application
) -> Iterator[DocumentProblem]:
    yield from check_distinct(routing.endpoints, location.child("endpoints"), "endpoint")
    yield from _check_health(routing.health, location, application)
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


def _check_rest_api(
    api: RestApiComponent, location: DocumentLocation, application: Application
) -> Iterator[DocumentProblem]:
    yield from check_component_kind(application, api.table, GlobalTableComponent, location.child("table"))
    for values, at, label in (
        (api.apis, location.child("apis"), "API"),
        (api.endpoints, location.child("endpoints"), "endpoint"),
        (api.certificates, location.child("certificates"), "certificate"),
        (api.health.ids, location.child("health", "ids"), "health check"),
    ):
        yield from check_regions(values, at, application)
        yield from check_distinct(values, at, label)
    for region, arn in api.certificates.items():
        at = location.child("certificates", region)
        yield from check_arn(arn, at, application, service="acm", resource="certificate", region=region)


def _check_health(name: str | None, location: DocumentLocation, application: Application) -> Iterator[DocumentProblem]:
    if name is not None:
        yield from check_component_kind(application, name, RestApiComponent, location.child("health"))
