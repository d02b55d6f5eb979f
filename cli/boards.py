"""What the board shows, gathered: from kept rehearsals, or from the journals of both Regions of each application."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from board.gather import of_evidence, of_tables
from board.model import Application
from board.told import Told
from cli.runs import Place, rehearsals
from common import names
from common.errors import InvalidInput
from common.table import Table
from evidence import saved
from evidence.model import Evidence
from state_machines import boards
from state_machines.tree import ready_runbooks


def applications(project: Path, place: Place | None) -> Iterator[Application]:
    """Every application of `project`, by name. `place` None means its rehearsals. Raises InvalidDocuments."""
    every = ready_runbooks(project / "runbooks")
    kept = _kept(project) if place is None else {}
    for name in sorted({ready.application.application for ready in every}):
        own = [ready for ready in every if ready.application.application == name]
        told = Told.model_validate(boards.told(own))
        if place is None:
            yield of_evidence(told, kept.get(name, []))
            continue
        regions = own[0].application.regions.both
        yield of_tables(told, {r: Table(place.client("dynamodb", r), names.table(name)) for r in regions})


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
