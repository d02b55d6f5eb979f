"""What the board shows, gathered: from kept rehearsals, or from the journals of both Regions of each application."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from board.model import Application, Asked, Run, latest_first, run_of
from cli.runs import rehearsals
from common.errors import InvalidInput, LeewardError
from control import findings, register
from control.journal import chain
from control.questions import open_questions
from evidence import saved
from evidence.of_journal import evidence_of
from readiness.findings import Readiness
from state_machines.readiness import looked_at
from state_machines.tree import Ready, ready_runbooks
from state_machines.validate.drills import is_drill

if TYPE_CHECKING:
    from common.table import Table
    from operations.reach import Reach

# Each run's journal is read whole; the board shows the latest.
_RUNS = 30


def applications(project: Path, reach: Reach | None) -> Iterator[Application]:
    """Every application of `project`, by name. `reach` None means its rehearsals. Raises InvalidDocuments."""
    every = ready_runbooks(project / "runbooks")
    kept = _kept(project) if reach is None else {}
    for name in sorted({ready.application.application for ready in every}):
        own = [ready for ready in every if ready.application.application == name]
        yield _rehearsed(own, kept) if reach is None else _live(own, reach)


def _rehearsed(own: Sequence[Ready], kept: dict[str, list[Path]]) -> Application:
    drills = _drills(own)
    runs: list[Run] = []
    for path in kept.get(own[0].application.application, []):
        evidence = saved.load(path)
        runs.append(run_of(evidence, drill=evidence.runbook in drills))
    return _page(own, runs=latest_first(runs))


def _kept(project: Path) -> dict[str, list[Path]]:
    """The files of evidence by application; one that can't be read is no reason to show nothing."""
    found: dict[str, list[Path]] = {}
    for path in saved.newest_first(rehearsals(project)):
        try:
            found.setdefault(saved.load(path).application, []).append(path)
        except InvalidInput:
            continue
    return found


def _live(own: Sequence[Ready], reach: Reach) -> Application:
    name, drills = own[0].application.application, _drills(own)
    runs: list[Run] = []
    asked: list[Asked] = []
    ready: list[Readiness] = []
    silent: list[str] = []
    for region in own[0].application.regions.both:
        table = reach.table(region, name)
        try:
            for run in register.runs(table, name)[:_RUNS]:
                if run.target != region:  # the table is a global one: each Region shows its own
                    continue
                links = chain(table, run.run)
                if links:
                    runs.append(run_of(evidence_of(run.run, links), drill=run.runbook in drills))
                if run.ended_at is None:
                    asked += _questions(table, run.run)
            for one in looked_at(own, region):
                found = findings.latest(table, name, one.runbook.runbook)
                ready += [Readiness.model_validate_json(found)] if found is not None else []
        except LeewardError as error:
            silent.append(f"{region}: {error}")
    return _page(own, runs=latest_first(runs), questions=tuple(asked), readiness=tuple(ready), silent=tuple(silent))


def _questions(table: Table, run: str) -> list[Asked]:
    return [
        Asked(
            run=run, step=q.step, message=q.message, choices=q.choices, default=q.default, asked_at=q.asked_at
        )
        for q in open_questions(table, run)
    ]  # fmt: skip


def _page(
    own: Sequence[Ready],
    *,
    runs: tuple[Run, ...],
    questions: tuple[Asked, ...] = (),
    readiness: tuple[Readiness, ...] = (),
    silent: tuple[str, ...] = (),
) -> Application:
    application = own[0].application
    return Application(
        name=application.application,
        description=application.description or "",
        origin=application.regions.primary,
        target=application.regions.standby,
        rto_objective_seconds=int(application.objectives.rto.total_seconds()),
        rpo_objective_seconds=int(application.objectives.rpo.total_seconds()),
        readiness=readiness,
        runs=runs,
        questions=questions,
        silent=silent,
    )


def _drills(own: Sequence[Ready]) -> set[str]:
    """Runbooks that move no users: those that launch drills, and those that are named so."""
    return {one.runbook.runbook for one in own if is_drill(one.runbook) or "drill" in one.runbook.runbook}
