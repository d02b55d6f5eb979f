"""The board shows what the evidence says and nothing else; unknown is unknown; hostile names do no harm."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from leeward.board.model import ApplicationPage, Board, BoardQuestion, BoardRun, build_board_run, sort_latest_first
from leeward.board.site.html_pages import render_site, write_site
from leeward.board.site.rto_chart import HEIGHT, build_rto_trend
from leeward.evidence.from_journal.evidence_builder import build_evidence
from leeward.evidence.model import Evidence, MeasuredObjective, MeasurementStatus
from leeward.readiness.model.findings import ExpectedDuration, ReadinessReport, failed, ok
from tests.support.nonempty import nonempty
from tests.support.sample_journals import RUN, unnotified

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
HOSTILE_NAME = "<script>alert(1)</script>\"'&" + "é🚨" * 100


def sample_run(number: int, seconds: float | None, *, drill: bool = False, outcome: str = "succeeded") -> BoardRun:
    return BoardRun(
        run=f"website.failover.{number}", runbook="failover", source="aws", started_at=NOW + timedelta(days=number),
        outcome=outcome, passed=outcome == "succeeded", drill=drill, rto_seconds=seconds, rpo_seconds=8,
    )  # fmt: skip


def application(*runs: BoardRun, name: str = "website", **more: object) -> ApplicationPage:
    return ApplicationPage(
        name=name, description="A website", origin="us-east-1", target="us-west-2", rto_objective_seconds=1800,
        rpo_objective_seconds=300, runs=sort_latest_first(runs), **more,  # type: ignore[arg-type]
    )  # fmt: skip


def ready_report(*findings: object) -> ReadinessReport:
    return ReadinessReport.from_findings(
        findings,  # type: ignore[arg-type]
        application="website", runbook="failover", region="us-west-2", at=NOW,
        expected=ExpectedDuration(seconds=1500, objective_seconds=1800, source="the median of 2 runs that succeeded"),
    )  # fmt: skip


def render_pages(*applications: ApplicationPage) -> dict[str, str]:
    return render_site(Board(at=NOW, applications=applications))


def visible_text(html: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", html.split("</style>")[1]).split())


def test_site_has_index_and_one_page_per_application() -> None:
    pages = render_pages(application(), application(name="ticketing"))
    assert set(pages) == {"index.html", "website.html", "ticketing.html"}
    assert 'href="ticketing.html"' in pages["index.html"]


def test_application_without_readiness_check_is_unknown_with_command() -> None:
    pages = render_pages(application())
    assert "unknown" in visible_text(pages["index.html"])
    assert "Last drill never" in visible_text(pages["index.html"])
    assert "leeward readiness website" in pages["website.html"]


def test_page_shows_rto_of_latest_run_and_skips_drills() -> None:
    pages = render_pages(application(sample_run(1, 1500), sample_run(2, 1702), sample_run(3, None, drill=True)))
    assert "RTO, last 28m22s of 30m" in visible_text(pages["index.html"])
    assert "Last drill succeeded, 2026-03-04 09:00 UTC" in visible_text(pages["index.html"])
    assert pages["website.html"].count("<circle") == 2, "a drill moves no users and has no RTO"


def test_run_summary_matches_evidence(evidence: Evidence) -> None:
    made = build_board_run(evidence, drill=False)
    assert (made.rto_seconds, made.rpo_seconds) == (evidence.rto.measured_seconds, evidence.rpo.measured_seconds)
    assert made.passed is evidence.passed
    assert build_board_run(evidence, drill=True).rto_seconds is None


@pytest.fixture
def evidence() -> Evidence:
    objective = MeasuredObjective(objective_seconds=1800, measured_seconds=1645.0, met=True, basis="x")
    return Evidence(
        source="aws", application="website", runbook="failover", run="website.failover.1", origin="us-east-1",
        target="us-west-2", outcome="succeeded", error=None, cause=None, passed=True, incident_at=None, started_at=NOW,
        ended_at=NOW, rto=objective, rpo=objective.model_copy(update={"measured_seconds": 8.0}), steps=[], went=[],
        decisions=[], servers=[], marks=[], journal=[],
    )  # fmt: skip


def test_current_rpo_is_longest_replication_lag() -> None:
    lags = [ok("replication.lag", f"s-{n}", "x").model_copy(update={"seconds": float(n)}) for n in (4, 9, 2)]
    page = application(readiness=(ready_report(*lags),))
    assert page.current_rpo_seconds == 9
    assert (application().current_rpo_seconds, page.status) == (None, "ready")
    assert "RPO now 9s of 5m" in visible_text(render_pages(page)["index.html"])


def test_page_shows_finding_with_fix_and_question_with_command() -> None:
    question = BoardQuestion(
        run="website.failover.9", step="ask", message="Leave us-east-1?", choices=("approve", "reject"),
        default="reject", asked_at=NOW,
    )  # fmt: skip
    page = application(
        readiness=(ready_report(failed("quota.vcpus", "EC2", "5 of 12", "ask for more")),), questions=(question,)
    )
    html = render_pages(page)["website.html"]
    assert "ask for more" in html
    assert "leeward approve website.failover.9 --reason" in html
    assert "1 question waits for an operator" in visible_text(render_pages(page)["index.html"])
    assert page.status == "not ready"


def test_page_names_region_that_did_not_respond() -> None:
    assert "us-east-1: the endpoint" in render_pages(application(silent=("us-east-1: the endpoint",)))["website.html"]


def test_trend_scale_includes_objective() -> None:
    drawn = build_rto_trend([sample_run(1, 900), sample_run(2, 3600)], 1800)
    assert [dot.met for dot in drawn.points] == [True, False]
    assert 0 < drawn.points[1].y < drawn.objective_y < drawn.points[0].y < HEIGHT
    assert build_rto_trend([sample_run(1, 900)], 1800).points[0].x > 100, "a single run stands in the middle"


def test_hostile_names_are_escaped_and_pages_load_no_external_urls() -> None:
    nasty = sample_run(1, 900).model_copy(update={"run": HOSTILE_NAME, "outcome": HOSTILE_NAME})
    for html in nonempty(
        render_pages(
            application(
                nasty, name="x", readiness=(ready_report(failed("a.b", HOSTILE_NAME, HOSTILE_NAME, HOSTILE_NAME)),)
            )
        ).values()
    ):
        assert "<script" not in html
        assert not re.search(r"""(src|href)=["']?(https?:)?//""", html)


def test_write_creates_index_and_application_pages(tmp_path: Path) -> None:
    written = write_site(Board(at=NOW, applications=(application(),)), tmp_path / "site")
    assert [path.name for path in written] == ["index.html", "website.html"]
    assert written[0].read_text().startswith("<!doctype html>")


def test_run_without_figure_says_why() -> None:
    never = sample_run(1, None).model_copy(update={"rto_status": MeasurementStatus.NEVER_REACHED})
    unmeasured = sample_run(2, None).model_copy(update={"rto_status": MeasurementStatus.NOT_MEASURED})
    text = visible_text(render_pages(application(never, unmeasured))["website.html"])
    assert "never reached 8s" in text
    assert "not measured 8s" in text


def test_page_shows_questions_and_runs_whose_messages_were_not_sent() -> None:
    question = BoardQuestion(
        run="website.failover.9", step="ask", message="Leave us-east-1?", choices=("approve", "reject"),
        default="reject", asked_at=NOW, unsent="sns:Publish: <down>",
    )  # fmt: skip
    made = build_board_run(build_evidence(RUN, unnotified()), drill=False)
    html = render_pages(application(made, questions=(question,)))["website.html"]
    assert "The team could not be notified: sns:Publish: &lt;down&gt;" in html
    assert "(1 unsent message)" in visible_text(html)
    quiet = render_pages(application(sample_run(1, 1500), questions=(question.model_copy(update={"unsent": None}),)))
    assert "notified" not in quiet["website.html"]
    assert "unsent" not in visible_text(quiet["website.html"])
