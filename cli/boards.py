"""What the board shows, gathered: from kept rehearsals, or from the journals of both Regions of each application."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from board.gather import of_evidence, of_tables
from board.model import Application
from board.told import Told
from cli.runs import rehearsals
from common.errors import InvalidInput
from evidence import saved
from evidence.model import Evidence
from state_machines import boards
from state_machines.tree import ready_runbooks

if TYPE_CHECKING:
    from operations.reach import Reach


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
