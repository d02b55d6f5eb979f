"""Build an application's page from its journals, open questions, and readiness reports."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from leeward.board.application_summary import ApplicationSummary
from leeward.board.model import ApplicationPage, BoardQuestion, BoardRun, build_board_run, sort_latest_first
from leeward.common.aws.tables.state_table import StateTable
from leeward.common.errors import LeewardError
from leeward.control.approvals.questions import open_questions
from leeward.control.journal.run_journal import read_chain
from leeward.control.notifications.unsent_messages import UnsentMessage, list_unsent_messages
from leeward.control.run import run_index
from leeward.control.run.run_index import IndexedRun
from leeward.evidence.from_journal.evidence_builder import build_evidence
from leeward.evidence.model import Evidence
from leeward.readiness import report_store
from leeward.readiness.model.findings import ReadinessReport

# Building a run reads its complete journal, so the number is limited.
_MAX_RUNS = 30


@dataclass
class _CollectedData:
    runs: list[BoardRun] = field(default_factory=list)
    questions: list[BoardQuestion] = field(default_factory=list)
    readiness: list[ReadinessReport] = field(default_factory=list)
    unreachable: list[str] = field(default_factory=list)


def build_page_from_tables(summary: ApplicationSummary, tables: Mapping[str, StateTable]) -> ApplicationPage:
    """Build the page from the application's tables, by Region.

    A run is read in its target Region. If that Region is not in `tables`, the run is read from a replica, which may be
    behind. The page lists the Regions that don't respond.
    """
    collected = _CollectedData()
    for region, table in tables.items():
        try:
            for run in _list_runs(summary.name, region, table, tables):
                entries = read_chain(table, run.run)
                if entries:
                    collected.runs.append(
                        build_board_run(build_evidence(run.run, entries), drill=run.runbook in summary.drills)
                    )
                if run.ended_at is None:
                    collected.questions += _list_open_questions(table, run.run, list_unsent_messages(entries))
            collected.readiness += _read_readiness(summary, region, table)
        except LeewardError as error:
            collected.unreachable.append(f"{region}: {error}")
    return _build_page(summary, collected)


def build_page_from_evidence(summary: ApplicationSummary, runs: Sequence[Evidence]) -> ApplicationPage:
    """Build the page from stored evidence of rehearsals. It has no questions and no readiness reports."""
    return _build_page(
        summary,
        _CollectedData([build_board_run(evidence, drill=evidence.runbook in summary.drills) for evidence in runs]),
    )


def _list_runs(
    application: str, region: str, table: StateTable, tables: Mapping[str, StateTable]
) -> Iterator[IndexedRun]:
    for run in run_index.list_runs(table, application)[:_MAX_RUNS]:
        if run.target == region or run.target not in tables:
            yield run


def _list_open_questions(table: StateTable, run: str, unsent: Sequence[UnsentMessage]) -> list[BoardQuestion]:
    return [
        BoardQuestion(
            run=run, step=q.step, message=q.message, choices=q.choices, default=q.default, asked_at=q.asked_at,
            unsent=next((message.error for message in unsent if message.asks(q.step, q.attempt)), None),
        )
        for q in open_questions(table, run)
    ]  # fmt: skip


def _read_readiness(summary: ApplicationSummary, region: str, table: StateTable) -> Iterator[ReadinessReport]:
    for runbook in summary.looked_at.get(region, ()):
        report = report_store.read_latest_report(table, summary.name, runbook)
        if report is not None:
            yield ReadinessReport.model_validate_json(report)


def _build_page(summary: ApplicationSummary, collected: _CollectedData) -> ApplicationPage:
    return ApplicationPage(
        **summary.model_dump(exclude={"drills", "looked_at"}),
        readiness=tuple(collected.readiness),
        runs=sort_latest_first(collected.runs),
        questions=tuple(collected.questions),
        silent=tuple(collected.unreachable),
    )
