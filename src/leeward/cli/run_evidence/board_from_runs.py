"""Build the pages of the board from saved rehearsals or from the journals of both Regions."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from leeward.board.application_summary import ApplicationSummary
from leeward.board.model import ApplicationPage
from leeward.board.page_builder import build_page_from_evidence, build_page_from_tables
from leeward.cli.run_evidence.evidence_lookup import get_rehearsals_folder
from leeward.common.errors import InvalidInput
from leeward.evidence import storage
from leeward.evidence.model import Evidence
from leeward.state_machines.build import build_runbooks
from leeward.state_machines.deployment import board_event

if TYPE_CHECKING:
    from leeward.operations.aws_session import AwsSession


def build_application_pages(project: Path, aws: AwsSession | None) -> Iterator[ApplicationPage]:
    """Yield the page of each application, sorted by name.

    Without an AWS session, pages show the rehearsals in the project. Raises InvalidDocuments.
    """
    runbooks = build_runbooks(project / "runbooks")
    evidence_by_application = _load_rehearsal_evidence(project) if aws is None else {}
    for name in sorted({built.application.application for built in runbooks}):
        own = [built for built in runbooks if built.application.application == name]
        summary = ApplicationSummary.model_validate(board_event.build_application_summary(own))
        if aws is None:
            yield build_page_from_evidence(summary, evidence_by_application.get(name, []))
        else:
            tables = {region: aws.open_table(region, name) for region in own[0].application.regions.both}
            yield build_page_from_tables(summary, tables)


def _load_rehearsal_evidence(project: Path) -> dict[str, list[Evidence]]:
    """Return the evidence of saved rehearsals by application. Skips invalid files."""
    by_application: dict[str, list[Evidence]] = {}
    for path in storage.list_newest_first(get_rehearsals_folder(project)):
        try:
            evidence = storage.load_evidence(path)
        except InvalidInput:
            continue
        by_application.setdefault(evidence.application, []).append(evidence)
    return by_application
