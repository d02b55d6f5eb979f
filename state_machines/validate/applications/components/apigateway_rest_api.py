"""The rules of `apigateway.rest_api` components."""

from __future__ import annotations

from collections.abc import Iterator

from leeward.state_machines.application.application_document import Application
from leeward.state_machines.components.apigateway_rest_api import RestApiComponent
from leeward.state_machines.components.dynamodb_global_table import GlobalTableComponent
from leeward.state_machines.diagnostics.document_locations import DocumentLocation
from leeward.state_machines.diagnostics.problems import DocumentProblem
from leeward.state_machines.rules.arn_rules import check_arn, check_distinct, check_regions
from leeward.state_machines.rules.step_scope import check_component_kind


def check(api: RestApiComponent, location: DocumentLocation, application: Application) -> Iterator[DocumentProblem]:
    """Check the table, and what the API has in each Region."""
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
