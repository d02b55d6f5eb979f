"""What the board shows, gathered: from kept rehearsals, or from the journals of both Regions of each application."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from leeward.board.gather import of_evidence, of_tables
from leeward.board.model import Application
from leeward.board.told import Told
from leeward.cli.runs import rehearsals
from leeward.common.errors import InvalidInput
from leeward.evidence import saved
from leeward.evidence.model import Evidence
from leeward.state_machines import boards
from leeward.state_machines.tree import ready_runbooks

if TYPE_CHECKING:
    from leeward.operations.reach import Reach


def applications(project: Path, reach: Reach | None) -> Iterator[Application]:
    """Every application of `project`, by name. `reach` None means its rehearsals. Raises InvalidDocuments."""
    every = ready_runbooks(project / "runbooks")
    kept = _kept(project) if reach is None else {}
    for name in sorted({ready.application.application for ready in every}):
        own = [ready for ready in every if ready.application.application == name]
        told = Told.model_validate(boards.told(own))
        if reach is None:
            yield of_evidence(told, kept.get(name, []))
        else:
            yield of_tables(told, {r: reach.table(r, name) for r in own[0].application.regions.both})


def _kept(project: Path) -> dict[str, list[Evidence]]:
    """The kept evidence by application; a file that can't be read is no reason to show nothing."""
    found: dict[str, list[Evidence]] = {}
    for path in saved.newest_first(rehearsals(project)):
        try:
            evidence = saved.load(path)
        except InvalidInput:
            continue
        found.setdefault(evidence.application, []).append(evidence)
    return found
