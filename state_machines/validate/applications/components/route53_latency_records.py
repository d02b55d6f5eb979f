"""The rules of `route53.latency_records` components."""

from __future__ import annotations

from collections.abc import Iterator

from leeward.state_machines.application.application_document import Application
from leeward.state_machines.components.route53_records import LatencyRecordsComponent
from leeward.state_machines.diagnostics.document_locations import DocumentLocation
from leeward.state_machines.diagnostics.problems import DocumentProblem
from leeward.state_machines.rules.component_references import check_record_values


def check(
    records: LatencyRecordsComponent, location: DocumentLocation, application: Application
) -> Iterator[DocumentProblem]:
    """Check the health checks, the values, and the set identifiers."""
    yield from check_record_values(records, location, application)
