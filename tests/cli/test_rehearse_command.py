"""`leeward rehearse`, as it is typed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from leeward.cli.main import main
from leeward.rehearsal.results.result_models import RehearsalResult

REPOSITORY = Path(__file__).parents[2]
NEITHER_LAUNCHES = """
scenario: neither-web-server-launches
incident: {at: 5m, dark: us-east-1}
faults:
  - {kind: launch-fails, group: home-page, reason: "An error occurred (InsufficientInstanceCapacity): none left"}
  - {kind: launch-fails, group: catalogue-page, reason: "An error occurred (InvalidSubnetID.NotFound): no such subnet"}
"""


@pytest.fixture(autouse=True)
def in_the_repository(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(REPOSITORY)
    monkeypatch.setenv("COLUMNS", "100")


def start(*arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "leeward.cli", "rehearse", *arguments],
        cwd=REPOSITORY,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["rehearse", *arguments]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert "Traceback" not in told.err
    return told.err


def test_json_is_one_document_and_the_exit_code_is_its_verdict(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    process = start("website", "failover", "--json", "--reason", "the quarterly one", "--history", str(kept))
    out, err = process.communicate(timeout=300)
    assert err == ""
    result = RehearsalResult.model_validate_json(out)
    assert set(json.loads(out)) == set(RehearsalResult.model_fields)
    assert process.returncode == (0 if result.passed else 1)
    assert (result.application, result.runbook, result.seed) == ("website", "failover", 7)
    history = Path(result.history)
    assert history.parent == kept
    assert "the quarterly one" in history.read_text()
    log = (kept / history.name.replace(".history.json", ".lambdas.log")).read_text()
    assert '"task":"drs_recover"' in log


def test_a_failed_rehearsal_is_told_line_by_line_and_ends_in_a_verdict(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    scenario = tmp_path / "neither.yaml"
    scenario.write_text(NEITHER_LAUNCHES)
    assert main(["rehearse", "website", "--scenario", str(scenario), "--history", str(tmp_path)]) == 1
    told = capsys.readouterr()
    assert told.err == ""
    assert "begins   Recover the servers: home-page" in told.out
    assert "FAILED   Recover the servers: catalogue-page" in told.out
    verdict = " ".join(told.out[told.out.index("╭") :].replace("│", " ").split())
    assert "FAILED website failover" in verdict
    assert "failed at Recover the servers step 4 of 11" in verdict
    assert "(InsufficientInstanceCapacity): none left" in verdict
    assert "(InvalidSubnetID.NotFound): no such subnet" in verdict
    assert "not done Protect the recovered servers" in verdict
    assert "users were not moved" in verdict
    assert '"task":"run_begin"' not in told.out  # the Lambdas' own log is kept beside the history


def test_ctrl_c_ends_it_cleanly() -> None:
    process = start("website", "failover", "--pace", "1")
    assert process.stdout is not None
    assert "us-east-1" in process.stdout.readline()
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "interrupted. No AWS account was touched" in err
    assert "Traceback" not in err


def test_unknown_names_get_the_nearest_and_the_list(capsys: pytest.CaptureFixture[str]) -> None:
    told = refused(capsys, "webiste")
    assert "there is no application 'webiste'" in told
    assert "Did you mean website?" in told
    told = refused(capsys, "website", "falover")
    assert "there is no runbook 'falover'" in told
    assert "Did you mean failover?" in told
    told = refused(capsys, "website", "failover", "--scenario", "region-drak")
    assert "Did you mean region-dark?" in told
    assert "workloads/website/scenarios/" in told


def test_a_scenario_file_that_is_not_there_or_not_a_scenario(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "there is no scenario file gone/x.yaml" in refused(capsys, "website", "--scenario", "gone/x.yaml")
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text("scenario: x\nincident: {at: soon}\nextra: 1\n")
    told = refused(capsys, "website", "--scenario", str(wrong))
    assert f"{wrong}:2:" in told
    assert "extra" in told


def test_input_that_a_run_would_refuse_is_told_before_anything_runs(capsys: pytest.CaptureFixture[str]) -> None:
    assert "not JSON" in refused(capsys, "website", "--input", "{approve}")
    assert "did you mean 'approve'?" in refused(capsys, "website", "--input", '{"aprove": true}')


@pytest.mark.parametrize("pace", ["0", "-3", "nan", "inf"])
def test_a_pace_at_which_nothing_could_be_watched_is_refused(capsys: pytest.CaptureFixture[str], pace: str) -> None:
    assert "--pace must be" in refused(capsys, "website", f"--pace={pace}")


def test_a_history_that_cannot_be_kept_is_told_before_anything_runs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    assert "cannot be used" in refused(capsys, "website", "--history", str(tmp_path / "file"))


def test_drift_keeps_a_rehearsal_from_running(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "runbooks" / "website"
    folder.mkdir(parents=True)
    for name in ("application", "failover"):
        (folder / f"{name}.yaml").write_text((REPOSITORY / "runbooks" / "website" / f"{name}.yaml").read_text())
    monkeypatch.chdir(tmp_path)
    told = refused(capsys, "website")
    assert "failover.asl.json does not exist" in told
    assert "leeward compile" in told
