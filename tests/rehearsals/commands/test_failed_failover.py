"""A failback isn't rehearsed after a failover that failed, and the message names the failover."""

from __future__ import annotations

from pathlib import Path

import pytest

from leeward.cli.main import main
from leeward.evidence.storage import load_evidence
from leeward.rehearsal.results.result_models import ExecutionOutcome
from leeward.rehearsal.runner.rounds import rehearse_rounds
from tests.support.paths import REPOSITORY

REJECTED = """
scenario: rejected
incident: {at: 1m, dark: eu-west-1}
start: {after: 1m}
operator: {answers_after: 1m, approval: reject}
"""


@pytest.fixture
def rejected(tmp_path: Path) -> Path:
    path = tmp_path / "rejected.yaml"
    path.write_text(REJECTED)
    return path


def test_failback_stops_after_failed_failover(
    rejected: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(REPOSITORY)
    kept = rejected.parent / "kept"
    assert main(["rehearse", "ticketing", "failback", "--scenario", str(rejected), "--history", str(kept)]) == 2
    output = capsys.readouterr()
    message = " ".join(output.err.split())
    assert "the failover before it (failover) failed at 'Ask for approval': Rejected: " in message
    assert "PASSED" not in output.out
    assert (kept / "ticketing-failover-rejected-7.history.json").exists()
    (evidence,) = [load_evidence(path) for path in kept.glob("*.evidence.json")]
    assert (evidence.runbook, evidence.outcome, evidence.passed) == ("failover", "failed", False)


@pytest.mark.verify("a complete rehearsal; the failback stops the same way")
def test_round_stops_after_failed_failover(rejected: Path) -> None:
    result = rehearse_rounds(REPOSITORY, "ticketing", 2, scenario=str(rejected), evidence_dir=rejected.parent / "kept")
    assert not result.passed
    (only,) = result.rounds
    assert [(run.runbook, run.outcome) for run in only.runs] == [("failover", ExecutionOutcome.FAILED)]
    assert only.stopped.startswith(
        "the failback was not played, because the failover before it (failover) failed at 'Ask for approval': Rejected"
    )
    assert Path(only.runs[0].evidence).exists()
