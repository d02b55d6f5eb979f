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
from tests.support.paths import REPOSITORY

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


def start_process(*arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "leeward.cli", "rehearse", *arguments],
        cwd=REPOSITORY,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def rejection(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["rehearse", *arguments]) == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert "Traceback" not in output.err
    return output.err


def test_rehearse_json_is_one_document_with_matching_exit_code(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    process = start_process("website", "failover", "--json", "--reason", "the quarterly one", "--history", str(kept))
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


def test_failed_rehearsal_prints_steps_and_verdict(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    scenario = tmp_path / "neither.yaml"
    scenario.write_text(NEITHER_LAUNCHES)
    assert main(["rehearse", "website", "--scenario", str(scenario), "--history", str(tmp_path)]) == 1
    output = capsys.readouterr()
    assert output.err == ""
    assert "begins   Recover the servers: home-page" in output.out
    assert "FAILED   Recover the servers: catalogue-page" in output.out
    verdict = " ".join(output.out[output.out.index("╭") :].replace("│", " ").split())
    assert "FAILED website failover" in verdict
    assert "failed at Recover the servers step 4 of 11" in verdict
    assert "(InsufficientInstanceCapacity): none left" in verdict
    assert "(InvalidSubnetID.NotFound): no such subnet" in verdict
    assert "not done Protect the recovered servers" in verdict
    assert "users were not moved" in verdict
    assert '"task":"run_begin"' not in output.out  # the Lambdas' own log is kept beside the history


def test_interrupted_rehearsal_exits_130_without_traceback() -> None:
    process = start_process("website", "failover", "--pace", "1")
    assert process.stdout is not None
    assert "us-east-1" in process.stdout.readline()
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "interrupted. No AWS account was touched" in err
    assert "Traceback" not in err


@pytest.mark.verify
def test_interrupted_draws_show_those_that_had_ended() -> None:
    process = start_process("website", "drill", "--draws", "50", "--jobs", "2")
    assert process.stderr is not None
    assert process.stderr.readline() == "draw 2 of 50\n"
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "INTERRUPTED  website drill" in out
    assert "of 50 draws" in out
    assert "interrupted. The result has only the draws that had ended" in err
    assert "Traceback" not in err


def test_unknown_names_get_suggestions(capsys: pytest.CaptureFixture[str]) -> None:
    output = rejection(capsys, "webiste")
    assert "there is no application 'webiste'" in output
    assert "Did you mean website?" in output
    output = rejection(capsys, "website", "falover")
    assert "there is no runbook 'falover'" in output
    assert "Did you mean failover?" in output
    output = rejection(capsys, "website", "failover", "--scenario", "region-drak")
    assert "Did you mean region-dark?" in output
    assert "workloads/website/scenarios/" in output


def test_missing_or_invalid_scenario_file_is_rejected(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "there is no scenario file gone/x.yaml" in rejection(capsys, "website", "--scenario", "gone/x.yaml")
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text("scenario: x\nincident: {at: soon}\nextra: 1\n")
    output = rejection(capsys, "website", "--scenario", str(wrong))
    assert f"{wrong}:2:" in output
    assert "extra" in output


def test_invalid_input_is_rejected_before_start(capsys: pytest.CaptureFixture[str]) -> None:
    assert "not JSON" in rejection(capsys, "website", "--input", "{approve}")
    assert "did you mean 'approve'?" in rejection(capsys, "website", "--input", '{"aprove": true}')


@pytest.mark.parametrize("pace", ["0", "-3", "nan", "inf"])
def test_invalid_pace_is_rejected(capsys: pytest.CaptureFixture[str], pace: str) -> None:
    assert "--pace must be" in rejection(capsys, "website", f"--pace={pace}")


def test_unwritable_history_folder_is_rejected_before_start(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").touch()
    assert "cannot be used" in rejection(capsys, "website", "--history", str(tmp_path / "file"))


def test_rehearse_rejects_drifted_state_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "runbooks" / "website"
    folder.mkdir(parents=True)
    for name in ("application", "failover"):
        (folder / f"{name}.yaml").write_text((REPOSITORY / "runbooks" / "website" / f"{name}.yaml").read_text())
    monkeypatch.chdir(tmp_path)
    output = rejection(capsys, "website")
    assert "failover.asl.json does not exist" in output
    assert "leeward compile" in output
