"""Rules that several component kinds share: the health checks and the values of DNS records."""

from __future__ import annotations

from collections.abc import Iterator

from leeward.state_machines.application.application_document import Application
from leeward.state_machines.components.apigateway_rest_api import RestApiComponent
from leeward.state_machines.components.route53_records import FailoverRecordsComponent, LatencyRecordsComponent
from leeward.state_machines.components.route53_weighted_records import WeightedRecordsComponent
from leeward.state_machines.diagnostics.document_locations import DocumentLocation
from leeward.state_machines.diagnostics.problems import DocumentProblem
from leeward.state_machines.rules.arn_rules import check_distinct, check_regions
from leeward.state_machines.rules.step_scope import check_component_kind


def check_health(name: str | None, location: DocumentLocation, application: Application) -> Iterator[DocumentProblem]:
    """Check that `name`, if there is one, is the API whose health checks the records follow."""
    if name is not None:
        yield from check_component_kind(application, name, RestApiComponent, location.child("health"))


def check_record_values(
    records: FailoverRecordsComponent | LatencyRecordsComponent | WeightedRecordsComponent,
    location: DocumentLocation,
    application: Application,
) -> Iterator[DocumentProblem]:
    """Check a record's health check, and that each Region has a value and a set identifier of its own."""
    yield from check_health(records.health, location, application)
    for field, values, label in (
        ("values", records.values, "value"),
        ("set_identifiers", records.set_identifiers, "set identifier"),
    ):
        yield from check_regions(values, location.child(field), application)
        yield from check_distinct(values, location.child(field), label)
