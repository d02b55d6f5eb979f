"""`leeward readiness` as its user sees it: every finding with its fix, unknown shown as unknown, the exit code."""

from __future__ import annotations

from datetime import UTC, datetime
from io import StringIO

import pytest
from rich.console import Console
from typer.testing import CliRunner

from leeward.cli.app import app
from leeward.cli.screens.readiness import show_readiness
from leeward.evidence.dependencies.dependency_table import DependencyTable, OutageTrial, ServiceDependency
from leeward.readiness.model.findings import ExpectedDuration, ReadinessFinding, ReadinessReport, failed, ok, unknown
from leeward.readiness.model.readiness_input import ReadinessInput

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)


def run_readiness(*findings: object, dependencies: DependencyTable | None = None) -> str:
    found = ReadinessReport.from_findings(
        findings,  # type: ignore[arg-type]
        application="website", runbook="failover", region="us-west-2", at=NOW,
        expected=ExpectedDuration(seconds=None, objective_seconds=1800, source="no run of failover has succeeded yet"),
    )  # fmt: skip
    text = StringIO()
    show_readiness(Console(file=text, width=80), found, dependencies)
    return text.getvalue()


def test_a_finding_is_shown_with_its_fix() -> None:
    text = run_readiness(
        ok("drill.age", "drill", "a week ago"), failed("launch.template", "s-1 [bold]", "it is gone", "save it anew")
    )
    assert "NOT READY" in text
    assert "1 of 2 checks passed (50 %)" in text
    assert "s-1 [bold]" in text, "what looks like markup is shown as it is"
    assert "-> save it anew" in text


def test_required_services_are_shown_if_they_are_known() -> None:
    stops = OutageTrial(outage_seconds=None, outcome="failed")
    drs = ServiceDependency(service="drs", region="us-west-2", calls=5, whole_run=stops, short=stops)
    table = DependencyTable(
        application="website", runbook="failover", scenario="region-dark", seed=7, inputs="", clean_seconds=1,
        dependencies=[drs],
    )  # fmt: skip
    line = "required AWS services (leeward dependencies): us-west-2: drs"
    assert line in run_readiness(ok("drill.age", "drill", "a week ago"), dependencies=table)
    assert "required AWS services" not in run_readiness(ok("drill.age", "drill", "a week ago"))


def test_unknown_finding_is_not_shown_as_ok() -> None:
    text = run_readiness(unknown("quota.vcpus", "EC2", "it could not be read", "grant it"))
    assert "AT RISK" in text
    assert "unknown" in text
    assert "expected time: unknown of 30m" in text


def test_unknown_application_gets_suggestion() -> None:
    result = CliRunner().invoke(app, ["readiness", "web-site"])
    assert result.exit_code != 0
    assert "no application 'web-site'" in str(result.exception)


@pytest.mark.parametrize(
    ("finding", "code"),
    [
        (ok("drill.age", "drill", "a week ago"), 0),
        (unknown("quota.vcpus", "EC2", "it could not be read", "grant it"), 1),
        (failed("launch.template", "s-1", "it is gone", "save it again"), 1),
    ],
    ids=["passed", "unknown", "failed"],
)
def test_exit_code_is_0_only_if_every_check_passed(
    finding: ReadinessFinding, code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def evaluate(given: ReadinessInput, clients: object) -> ReadinessReport:
        expected = ExpectedDuration(seconds=None, objective_seconds=1800, source="no run has succeeded yet")
        findings = [ok("table.replica", "table", "it is active"), finding]
        return ReadinessReport.from_findings(
            findings, application="website", runbook="failover", region="us-west-2", at=NOW, expected=expected
        )

    monkeypatch.setattr("leeward.readiness.evaluation.evaluate_readiness", evaluate)
    assert CliRunner().invoke(app, ["readiness", "website", "--json"]).exit_code == code
