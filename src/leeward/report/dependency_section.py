"""The section of the report that says which AWS services the runbook needs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from leeward.evidence.dependencies.dependency_table import DependencyTable, Requirement
from leeward.evidence.dependencies.dependency_text import HEADINGS, dependency_cells
from leeward.evidence.model import Evidence
from leeward.report.report_section import ReportSection


def list_sections(run: Evidence, dependencies: Sequence[DependencyTable]) -> Iterator[ReportSection]:
    """Yield the section of the run's runbook, if its dependencies are known."""
    for table in dependencies:
        if (table.application, table.runbook) != (run.application, run.runbook):
            continue
        called = [row for row in table.dependencies if row.requirement is not Requirement.NOT_CALLED]
        rows = [
            (str(row.requirement), *dependency_cells(row))
            for requirement in Requirement
            for row in called
            if row.requirement is requirement
        ]
        if rows:
            yield ReportSection("What the run needs (leeward dependencies)", [("Need", *HEADINGS), *rows])
