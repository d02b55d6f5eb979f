"""What the board shows, gathered: from kept rehearsals, or from the journals of both Regions of each application."""

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
    """Every application of `project`, by name. `reach` None means its rehearsals. Raises InvalidDocuments."""
    every = build_runbooks(project / "runbooks")
    kept = _load_rehearsal_evidence(project) if aws is None else {}
    for name in sorted({ready.application.application for ready in every}):
        own = [ready for ready in every if ready.application.application == name]
        told = ApplicationSummary.model_validate(board_event.build_application_summary(own))
        if aws is None:
            yield build_page_from_evidence(told, kept.get(name, []))
        else:
            yield build_page_from_tables(told, {r: aws.open_table(r, name) for r in own[0].application.regions.both})


def _load_rehearsal_evidence(project: Path) -> dict[str, list[Evidence]]:
    """The kept evidence by application; a file that can't be read is no reason to show nothing."""
    found: dict[str, list[Evidence]] = {}
    for path in storage.list_newest_first(get_rehearsals_folder(project)):
        try:
            evidence = storage.load_evidence(path)
        except InvalidInput:
            continue
        found.setdefault(evidence.application, []).append(evidence)
    return found
