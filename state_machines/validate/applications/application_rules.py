"""Validation rules for an application as a whole."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from leeward.base.import_paths import load
from leeward.kinds.registry import component_kinds
from leeward.state_machines.application.application_document import Application
from leeward.state_machines.application.launch_order import find_cycles
from leeward.state_machines.components.arc_routing_controls import RoutingControlsComponent
from leeward.state_machines.components.drs_servers import ServerGroupComponent
from leeward.state_machines.diagnostics.document_locations import DocumentLocation
from leeward.state_machines.diagnostics.problems import DocumentProblem, format_alternatives
from leeward.state_machines.routing_components import COMPONENT_BY_VARIANT
from leeward.state_machines.rules.arn_rules import check_distinct, check_regions
from leeward.state_machines.rules.step_scope import check_component_kind, kind_name


def check_application(application: Application, location: DocumentLocation) -> Iterator[DocumentProblem]:
    """Yield the problems of the application document at `location`."""
    yield from _check_name(application, location)
    if application.regions.primary == application.regions.standby:
        yield location.child("regions", "standby").problem(
            f"the standby Region is the primary Region, {application.regions.primary}", expected="another Region"
        )
    for name, component in application.components.items():
        checks = component_kinds()[component.kind].checks
        if checks is not None:
            yield from load(checks)(component, location.child("components", name), application)
    yield from _check_cycles(application, location)
    yield from _check_single_routing(application, location)
    yield from _check_variants(application, location.child("routing"))
    if application.site is not None:
        endpoints = location.child("site", "endpoints")
        yield from check_regions(application.site.endpoints, endpoints, application)
        yield from check_distinct(application.site.endpoints, endpoints, "endpoint")
        paths = [page.path for page in application.site.pages]
        for index, path in enumerate(paths):
            if path in paths[:index]:
                yield location.child("site", "pages", index, "path").problem(f'the page "{path}" is listed twice')


def _check_name(application: Application, location: DocumentLocation) -> Iterator[DocumentProblem]:
    folder = Path(location.source.path).absolute().parent.name
    if folder != application.application:
        yield location.child("application").problem(
            f'the application is called "{application.application}", its folder "{folder}"', expected=f'"{folder}"'
        )


def _check_cycles(application: Application, location: DocumentLocation) -> Iterator[DocumentProblem]:
    after = {name: servers.after for name, servers in application.components_of_kind(ServerGroupComponent)}
    for cycle in find_cycles(after):
        yield location.child("components", cycle[0], "after").problem(
            f"the groups wait for each other: {' after '.join(cycle)}", expected="an order that has a first group"
        )


def _check_single_routing(application: Application, location: DocumentLocation) -> Iterator[DocumentProblem]:
    # The preflight accepts one cluster, and one routing control per Region.
    for name in [name for name, _ in application.components_of_kind(RoutingControlsComponent)][1:]:
        yield location.child("components", name).problem(
            f"a second component of the kind {kind_name(RoutingControlsComponent)}; the preflight can check one",
            expected="one",
            key=True,
        )


def _check_variants(application: Application, location: DocumentLocation) -> Iterator[DocumentProblem]:
    routing = application.routing
    if routing is None:
        return
    if routing.use not in routing.variants:
        yield location.child("use").problem(
            f'the application has no variant "{routing.use}"', expected=format_alternatives(list(routing.variants))
        )
    for name, variant in routing.variants.items():
        component = location.child("variants", name, "component")
        yield from check_component_kind(application, variant.component, COMPONENT_BY_VARIANT[name], component)
    if application.mode == "active-passive" and routing.use == "latency":
        yield location.child("use").problem(
            "latency records send users to both Regions, but one of them may not write",
            expected="mode: active-active, or another variant",
        )
