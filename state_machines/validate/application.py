"""The rules of an application as a whole."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from leeward.state_machines.components import (
    FailoverRecords,
    LatencyRecords,
    RoutingControls,
    Servers,
    Traffic,
    WeightedRecords,
)
from leeward.state_machines.documents.application import Application, VariantName
from leeward.state_machines.order import cycles
from leeward.state_machines.places import Place
from leeward.state_machines.problems import Problem, one_of
from leeward.state_machines.validate.arns import check_differ, check_regions
from leeward.state_machines.validate.components import check_component
from leeward.state_machines.validate.scope import component_problems

_VARIANTS: Mapping[VariantName, type[Traffic]] = {
    "failover": FailoverRecords,
    "latency": LatencyRecords,
    "weighted": WeightedRecords,
    "routing-control": RoutingControls,
}


def check_application(application: Application, place: Place) -> Iterator[Problem]:
    """The problems of the document at `place`."""
    yield from _check_name(application, place)
    if application.regions.primary == application.regions.standby:
        yield place.at("regions", "standby").problem(
            f"the standby Region is the primary Region, {application.regions.primary}", expected="another Region"
        )
    for name, component in application.components.items():
        yield from check_component(component, place.at("components", name), application)
    yield from _check_cycles(application, place)
    yield from _check_routing(application, place)
    yield from _check_variants(application, place.at("routing"))
    if application.site is not None:
        endpoints = place.at("site", "endpoints")
        yield from check_regions(application.site.endpoints, endpoints, application)
        yield from check_differ(application.site.endpoints, endpoints, "endpoint")
        paths = [page.path for page in application.site.pages]
        for index, path in enumerate(paths):
            if path in paths[:index]:
                yield place.at("site", "pages", index, "path").problem(f'the page "{path}" is there twice')


def _check_name(application: Application, place: Place) -> Iterator[Problem]:
    folder = Path(place.source.path).absolute().parent.name
    if folder != application.application:
        yield place.at("application").problem(
            f'the application is called "{application.application}", its folder "{folder}"', expected=f'"{folder}"'
        )


def _check_cycles(application: Application, place: Place) -> Iterator[Problem]:
    after = {name: servers.after for name, servers in application.of_kind(Servers)}
    for cycle in cycles(after):
        yield place.at("components", cycle[0], "after").problem(
            f"the groups wait for each other: {' after '.join(cycle)}", expected="an order that has a first group"
        )


def _check_routing(application: Application, place: Place) -> Iterator[Problem]:
    # The preflight is told of one cluster and of one routing control per Region.
    for name in [name for name, _ in application.of_kind(RoutingControls)][1:]:
        yield place.at("components", name).problem(
            "a second arc.routing_controls component; the preflight can look at one", expected="one", key=True
        )


def _check_variants(application: Application, place: Place) -> Iterator[Problem]:
    routing = application.routing
    if routing is None:
        return
    if routing.use not in routing.variants:
        yield place.at("use").problem(
            f'the application has no variant "{routing.use}"', expected=one_of(list(routing.variants))
        )
    for name, variant in routing.variants.items():
        at = place.at("variants", name, "component")
        yield from component_problems(application, variant.component, _VARIANTS[name], at)
    if application.mode == "active-passive" and routing.use == "latency":
        yield place.at("use").problem(
            "latency records send users to both Regions, but one of them may not write",
            expected="mode: active-active, or another variant",
        )
