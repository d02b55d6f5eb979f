"""An application's page, gathered from what lies in its table: journals, open questions, what readiness last found."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from leeward.board.model import Application, Asked, Run, latest_first, run_of
from leeward.board.told import Told
from leeward.common.errors import LeewardError
from leeward.common.table import Table
from leeward.control import findings, register
from leeward.control.journal import chain
from leeward.control.questions import open_questions
from leeward.control.register import Registered
from leeward.evidence.model import Evidence
from leeward.evidence.of_journal import evidence_of
from leeward.readiness.findings import Readiness

# Each run's journal is read whole; the board shows the latest.
_RUNS = 30


@dataclass
class _Found:
    runs: list[Run] = field(default_factory=list)
    questions: list[Asked] = field(default_factory=list)
    readiness: list[Readiness] = field(default_factory=list)
    silent: list[str] = field(default_factory=list)


def of_tables(told: Told, tables: Mapping[str, Table]) -> Application:
    """From the application's table, by Region. Each Region's runs are read there; those of a Region that is not among
    `tables` from a replica, which holds what has arrived of them. A Region that does not answer is named."""
    found = _Found()
    for region, table in tables.items():
        try:
            for run in _runs(told.name, region, table, tables):
                links = chain(table, run.run)
                if links:
                    found.runs.append(run_of(evidence_of(run.run, links), drill=run.runbook in told.drills))
                if run.ended_at is None:
                    found.questions += _questions(table, run.run)
            found.readiness += _readiness(told, region, table)
        except LeewardError as error:
            found.silent.append(f"{region}: {error}")
    return _page(told, found)


def of_evidence(told: Told, runs: Sequence[Evidence]) -> Application:
    """From evidence that was kept: rehearsals. Nobody waits there, and readiness looked at nothing."""
    return _page(told, _Found([run_of(each, drill=each.runbook in told.drills) for each in runs]))


def _runs(application: str, region: str, table: Table, tables: Mapping[str, Table]) -> Iterator[Registered]:
    for run in register.runs(table, application)[:_RUNS]:
        if run.target == region or run.target not in tables:
            yield run


def _questions(table: Table, run: str) -> list[Asked]:
    return [
        Asked(
            run=run, step=q.step, message=q.message, choices=q.choices, default=q.default, asked_at=q.asked_at
        )
        for q in open_questions(table, run)
    ]  # fmt: skip


def _readiness(told: Told, region: str, table: Table) -> Iterator[Readiness]:
    for runbook in told.looked_at.get(region, ()):
        found = findings.latest(table, told.name, runbook)
        if found is not None:
            yield Readiness.model_validate_json(found)


def _page(told: Told, found: _Found) -> Application:
    return Application(
        **told.model_dump(exclude={"drills", "looked_at"}),
        readiness=tuple(found.readiness),
        runs=latest_first(found.runs),
        questions=tuple(found.questions),
        silent=tuple(found.silent),
    )
