"""The rules of each kind of component."""

from __future__ import annotations

from collections.abc import Iterator

from leeward.state_machines.components import (
    Component,
    FailoverRecords,
    GlobalTable,
    LatencyRecords,
    RestApi,
    RoutingControls,
    Servers,
    TargetGroup,
    WeightedRecords,
)
from leeward.state_machines.documents.application import Application
from leeward.state_machines.places import Place
from leeward.state_machines.problems import Problem
from leeward.state_machines.validate.arns import check_arn, check_differ, check_regions
from leeward.state_machines.validate.scope import component_problems


def check_component(component: Component, place: Place, application: Application) -> Iterator[Problem]:
    """The problems of one component, which stands at `place`."""
    match component:
        case Servers():
            yield from _servers(component, place, application)
        case TargetGroup():
            yield from _target_group(component, place, application)
        case RoutingControls():
            yield from _routing_controls(component, place, application)
        case GlobalTable():
            pass  # its Regions are the application's own, and its fields tell the rest by themselves
        case RestApi():
            yield from _rest_api(component, place, application)
        case WeightedRecords() | FailoverRecords() | LatencyRecords():
            yield from _health(component.health, place, application)
            for field, values, what in (
                ("values", component.values, "value"),
                ("set_identifiers", component.set_identifiers, "set identifier"),
            ):
                yield from check_regions(values, place.at(field), application)
                yield from check_differ(values, place.at(field), what)


def _servers(servers: Servers, place: Place, application: Application) -> Iterator[Problem]:
    for index, name in enumerate(servers.after):
        yield from component_problems(application, name, Servers, place.at("after", index))
        if name in servers.after[:index]:
            yield place.at("after", index).problem(f'"{name}" is listed twice')
    ids = servers.servers.ids
    if ids and servers.expect is not None and servers.expect != len(ids):
        yield place.at("expect").problem(
            f"expect is {servers.expect}, but {len(ids)} ids are named", expected=f"{len(ids)}, or no expect"
        )
    if not ids and servers.expect is None:
        yield place.at("servers").warning(
            "nothing says how many servers the group has: one that DRS leaves out of a list is not missed",
            hint="add expect: and how many servers the group has",
        )


def _target_group(targets: TargetGroup, place: Place, application: Application) -> Iterator[Problem]:
    yield from component_problems(application, targets.serves, Servers, place.at("serves"))
    place = place.at("target_groups")
    yield from check_regions(targets.target_groups, place, application)
    yield from check_differ(targets.target_groups, place, "target group")
    for region, arn in targets.target_groups.items():
        yield from check_arn(
            arn,
            place.at(region),
            application,
            service="elasticloadbalancing",
            resource="targetgroup",
            region=region,
        )


def _routing_controls(routing: RoutingControls, place: Place, application: Application) -> Iterator[Problem]:
    yield from check_differ(routing.endpoints, place.at("endpoints"), "endpoint")
    yield from _health(routing.health, place, application)
    if routing.normally == "both" and routing.health is None:
        yield place.at("normally").problem(
            "with both controls on nothing chooses between the Regions", expected="health: the API whose checks choose"
        )
    place = place.at("controls")
    yield from check_regions(routing.controls, place, application)
    yield from check_differ(routing.controls, place, "routing control")
    for region, arn in routing.controls.items():
        yield from check_arn(
            arn,
            place.at(region),
            application,
            service="route53-recovery-control",
            resource="routingcontrol",
            region="",
        )


def _rest_api(api: RestApi, place: Place, application: Application) -> Iterator[Problem]:
    yield from component_problems(application, api.table, GlobalTable, place.at("table"))
    for values, at, what in (
        (api.apis, place.at("apis"), "API"),
        (api.endpoints, place.at("endpoints"), "endpoint"),
        (api.certificates, place.at("certificates"), "certificate"),
        (api.health.ids, place.at("health", "ids"), "health check"),
    ):
        yield from check_regions(values, at, application)
        yield from check_differ(values, at, what)
    for region, arn in api.certificates.items():
        at = place.at("certificates", region)
        yield from check_arn(arn, at, application, service="acm", resource="certificate", region=region)


def _health(name: str | None, place: Place, application: Application) -> Iterator[Problem]:
    if name is not None:
        yield from component_problems(application, name, RestApi, place.at("health"))
