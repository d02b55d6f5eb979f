"""The board shows what the evidence says and nothing else; unknown is unknown; hostile names do no harm."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from leeward.board.model import ApplicationPage, Board, BoardQuestion, BoardRun, build_board_run, sort_latest_first
from leeward.board.site.html_pages import render_site, write_site
from leeward.board.site.rto_chart import HEIGHT, build_rto_trend
from leeward.evidence.model import Evidence, MeasuredObjective
from leeward.readiness.model.findings import ExpectedDuration, ReadinessReport, failed, ok

AT = datetime(2026, 3, 1, 9, tzinfo=UTC)
NASTY = "<script>alert(1)</script>\"'&" + "é🚨" * 100


def run(number: int, seconds: float | None, *, drill: bool = False, outcome: str = "succeeded") -> BoardRun:
    return BoardRun(
        run=f"website.failover.{number}", runbook="failover", source="aws", started_at=AT + timedelta(days=number),
        outcome=outcome, passed=outcome == "succeeded", drill=drill, rto_seconds=seconds, rpo_seconds=8,
    )  # fmt: skip


def application(*runs: BoardRun, name: str = "website", **more: object) -> ApplicationPage:
    return ApplicationPage(
        name=name, description="A website", origin="us-east-1", target="us-west-2", rto_objective_seconds=1800,
        rpo_objective_seconds=300, runs=sort_latest_first(runs), **more,  # type: ignore[arg-type]
    )  # fmt: skip


def ready(*findings: object) -> ReadinessReport:
    return ReadinessReport.from_findings(
        findings,  # type: ignore[arg-type]
        application="website", runbook="failover", region="us-west-2", at=AT,
        expected=ExpectedDuration(seconds=1500, objective_seconds=1800, source="the median of 2 runs that succeeded"),
    )  # fmt: skip


def site(*applications: ApplicationPage) -> dict[str, str]:
    return render_site(Board(at=AT, applications=applications))


def text(html: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", html.split("</style>")[1]).split())


def test_an_index_and_a_page_for_each_application() -> None:
    pages = site(application(), application(name="ticketing"))
    assert set(pages) == {"index.html", "website.html", "ticketing.html"}
    assert 'href="ticketing.html"' in pages["index.html"]


def test_what_nobody_has_looked_at_is_unknown_and_says_what_to_do() -> None:
    pages = site(application())
    assert "unknown" in text(pages["index.html"])
    assert "Last drill never" in text(pages["index.html"])
    assert "leeward readiness website" in pages["website.html"]


def test_figures_are_those_of_the_runs() -> None:
    pages = site(application(run(1, 1500), run(2, 1702), run(3, None, drill=True)))
    assert "RTO, last 28m22s of 30m" in text(pages["index.html"])
    assert "Last drill succeeded, 2026-03-04 09:00 UTC" in text(pages["index.html"])
    assert pages["website.html"].count("<circle") == 2, "a drill moves no users and has no RTO"


def test_a_run_is_what_its_evidence_says(evidence: Evidence) -> None:
    made = build_board_run(evidence, drill=False)
    assert (made.rto_seconds, made.rpo_seconds) == (evidence.rto.measured_seconds, evidence.rpo.measured_seconds)
    assert made.passed is evidence.passed
    assert build_board_run(evidence, drill=True).rto_seconds is None


@pytest.fixture
def evidence() -> Evidence:
    objective = MeasuredObjective(objective_seconds=1800, measured_seconds=1645.0, met=True, basis="x")
    return Evidence(
        source="aws", application="website", runbook="failover", run="website.failover.1", origin="us-east-1",
        target="us-west-2", outcome="succeeded", error=None, cause=None, passed=True, incident_at=None, started_at=AT,
        ended_at=AT, rto=objective, rpo=objective.model_copy(update={"measured_seconds": 8.0}), steps=[], went=[],
        decisions=[], servers=[], marks=[], journal=[],
    )  # fmt: skip


def test_the_rpo_of_now_is_the_longest_lag() -> None:
    lags = [ok("replication.lag", f"s-{n}", "x").model_copy(update={"seconds": float(n)}) for n in (4, 9, 2)]
    page = application(readiness=(ready(*lags),))
    assert page.current_rpo_seconds == 9
    assert (application().current_rpo_seconds, page.status) == (None, "ready")
    assert "RPO now 9s of 5m" in text(site(page)["index.html"])


def test_a_finding_is_shown_with_its_fix_and_a_question_with_its_command() -> None:
    question = BoardQuestion(
        run="website.failover.9", step="ask", message="Leave us-east-1?", choices=("approve", "reject"),
        default="reject", asked_at=AT,
    )  # fmt: skip
    page = application(
        readiness=(ready(failed("quota.vcpus", "EC2", "5 of 12", "ask for more")),), questions=(question,)
    )
    html = site(page)["website.html"]
    assert "ask for more" in html
    assert "leeward approve website.failover.9 --reason" in html
    assert "1 question waits for a person" in text(site(page)["index.html"])
    assert page.status == "not ready"


def test_where_nobody_answered_is_told() -> None:
    assert "us-east-1: the endpoint" in site(application(silent=("us-east-1: the endpoint",)))["website.html"]


def test_the_trend_keeps_the_objective_in_sight() -> None:
    drawn = build_rto_trend([run(1, 900), run(2, 3600)], 1800)
    assert [dot.met for dot in drawn.points] == [True, False]
    assert 0 < drawn.points[1].y < drawn.objective_y < drawn.points[0].y < HEIGHT
    assert build_rto_trend([run(1, 900)], 1800).points[0].x > 100, "a single run stands in the middle"


def test_hostile_names_do_no_harm_and_no_page_asks_the_network() -> None:
    nasty = run(1, 900).model_copy(update={"run": NASTY, "outcome": NASTY})
    for html in site(application(nasty, name="x", readiness=(ready(failed("a.b", NASTY, NASTY, NASTY)),))).values():
        assert "<script" not in html
        assert not re.search(r"""(src|href)=["']?(https?:)?//""", html)


def test_the_site_is_written(tmp_path: Path) -> None:
    written = write_site(Board(at=AT, applications=(application(),)), tmp_path / "site")
    assert [path.name for path in written] == ["index.html", "website.html"]
    assert written[0].read_text().startswith("<!doctype html>")
