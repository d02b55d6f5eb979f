"""`leeward validate` and `leeward compile`, as they are typed, on a copy of the project's documents."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from leeward.cli.main import main
from tests.support.paths import REPOSITORY

FAILOVER = (REPOSITORY / "runbooks" / "website" / "failover.yaml").read_text()
LOCK_LINE = FAILOVER[: FAILOVER.index("kind: lock")].count("\n") + 1


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project of its own, in which the test stands, on a terminal wide enough for its paths."""
    shutil.copytree(REPOSITORY / "runbooks" / "website", tmp_path / "runbooks" / "website")
    for folder in ("generated/website", "schema"):
        shutil.copytree(REPOSITORY / "state_machines" / folder, tmp_path / "state_machines" / folder)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    return tmp_path


def edit_failover(project: Path, *changes: tuple[str, str], name: str = "failover") -> None:
    path = project / "runbooks" / "website" / f"{name}.yaml"
    text = path.read_text()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path.write_text(text)


def test_validate_passes_on_valid_documents(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["validate"]) == 0
    assert "no problems" in capsys.readouterr().out


def test_validate_shows_place_caret_and_suggestion_for_each_problem(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    edit_failover(
        project,
        ("kind: lock", "kind: lok"),
        ("timeout: 25m", "timeout: soon"),
        ("failure: ask\n\n  - name: Ask", "failure: aks\n\n  - name: Ask"),
    )
    assert main(["validate"]) == 1
    out = capsys.readouterr().out
    lines = out.split("\n")
    for wrong in ("lok", "soon", "aks"):
        at = next(i for i, line in enumerate(lines) if line.endswith(f": {wrong}"))
        assert lines[at - 1].startswith("runbooks/website/failover.yaml:")
        assert lines[at].index(wrong) == lines[at + 1].index("^")
    assert 'did you mean "lock"?' in out
    assert 'did you mean "ask"?' in out
    assert "3 errors in 1 file" in out


def test_validate_json_prints_only_the_same_problems(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edit_failover(project, ("kind: lock", "kind: lok"))
    assert main(["validate", "--json"]) == 1
    output = json.loads(capsys.readouterr().out)
    assert (output["errors"], output["warnings"]) == (1, 0)
    problem = output["problems"][0]
    assert problem["path"].endswith("runbooks/website/failover.yaml")
    assert (problem["line"], problem["severity"]) == (LOCK_LINE, "error")


def test_validate_accepts_file_and_rejects_missing_path(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["validate", "runbooks/website/failover.yaml"]) == 0
    assert main(["validate", "runbooks/website/gone.yaml"]) == 2
    assert "there is no file or folder runbooks/website/gone.yaml" in capsys.readouterr().err


def test_validate_shows_warnings_and_exits_zero(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    component = """
  weights:
    kind: route53.weighted_records
    hosted_zone: Z0123456789ABCDEFGHIJ
    record: www.website.example.com
    type: CNAME
    ttl: 30s
    values: {us-east-1: a.website.example.com, us-west-2: b.website.example.com}
    set_identifiers: {us-east-1: east, us-west-2: west}

site:"""
    step = """  - name: Shift the users
    kind: route53.weights
    component: weights
    weights: {us-east-1: 0, us-west-2: 100}

  - name: Check as a user would"""
    edit_failover(project, ("\nsite:", component), name="application")
    edit_failover(project, ("  - name: Check as a user would", step))
    assert main(["compile"]) == 0
    assert main(["validate"]) == 0
    out = capsys.readouterr().out
    assert "warning: route53.weights depends on the Route 53 control plane" in out
    assert "1 warning in 1 file" in out


def test_validate_names_what_a_changed_machine_does(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = project / "state_machines" / "generated" / "website" / "drill.asl.json"
    machine = json.loads(path.read_text())
    del machine["States"]["Terminate the drill's servers"]["Catch"]
    path.write_text(json.dumps(machine))
    assert main(["validate", "runbooks/website/drill.yaml"]) == 1
    out = capsys.readouterr().out
    assert "state_machines/generated/website/drill.asl.json differs from what the documents compile to" in out
    assert "catches: Terminate the drill's servers: no error of it is caught" in out
    assert main(["validate", "--json", "runbooks/website/drill.yaml"]) == 1
    drill = next(m for m in json.loads(capsys.readouterr().out)["machines"] if m["runbook"] == "drill")
    assert drill["drift"] == "differs from what the documents compile to"
    assert ("catches", "Terminate the drill's servers") in {(f["check"], f["state"]) for f in drill["findings"]}
    assert main(["compile", "--check"]) == 1
    assert "catches: Terminate the drill's servers: no error of it is caught" in capsys.readouterr().out


@pytest.mark.parametrize(("text", "issue"), [("{", "is not JSON"), ("[]", "has no states"), ("\xff", "is not JSON")])
def test_validate_names_unreadable_machine(
    project: Path, capsys: pytest.CaptureFixture[str], text: str, issue: str
) -> None:
    (project / "state_machines" / "generated" / "website" / "drill.asl.json").write_text(text, encoding="latin-1")
    assert main(["validate", "--json", "runbooks/website/drill.yaml"]) == 1
    drill = next(m for m in json.loads(capsys.readouterr().out)["machines"] if m["runbook"] == "drill")
    assert drill["path"].endswith("generated/website/drill.asl.json")
    assert [f["check"] for f in drill["findings"]] == ["definition"]
    assert issue in drill["findings"][0]["text"] or "is not UTF-8" in drill["findings"][0]["text"]


def test_validate_names_missing_machine_and_checks_what_compile_would_write(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "state_machines" / "generated" / "website" / "drill.asl.json").unlink()
    assert main(["validate", "runbooks/website/drill.yaml"]) == 0
    assert "generated/website/drill.asl.json is missing: run leeward compile" in capsys.readouterr().out


@pytest.mark.parametrize("text", ["", "- a\n- b\n", "a: [\n", "\x00", "a: &a [*a]\n", "\ufeffa: b", "[bold]: x\n"])
def test_validate_reports_unreadable_file_without_traceback(
    project: Path, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    (project / "runbooks" / "website" / "failover.yaml").write_text(text, encoding="utf-8")
    assert main(["validate"]) == 1
    output = capsys.readouterr()
    assert "runbooks/website/failover.yaml:" in output.out
    assert "Traceback" not in output.out + output.err


def test_compile_check_passes_when_generated_files_are_current(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["compile", "--check"]) == 0
    assert "generated files are up to date" in capsys.readouterr().out


def test_compile_check_shows_diff_and_fix_on_drift(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edit_failover(project, ("timeout: 5h30m", "timeout: 40d"))
    generated = project / "state_machines" / "generated" / "website"
    before = (generated / "failover.asl.json").read_text()
    (generated / "gone.asl.json").write_text("{}")
    (project / "state_machines" / "schema" / "runbook.schema.json").unlink()
    assert main(["compile", "--check"]) == 1
    out = capsys.readouterr().out
    assert "state_machines/generated/website/failover.asl.json  is out of date" in out
    assert '-  "TimeoutSeconds": ' in out
    assert '+  "TimeoutSeconds": 3456000' in out
    assert "gone.asl.json  belongs to no runbook" in out
    assert "runbook.schema.json  is missing" in out
    assert "Run leeward compile, review the differences, and commit them." in out
    assert (generated / "failover.asl.json").read_text() == before


def test_compile_writes_and_removes_files_and_lists_them(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edit_failover(project, ("timeout: 5h", "timeout: 40d"))
    (project / "state_machines" / "generated" / "website" / "gone.asl.json").write_text("{}")
    assert main(["compile"]) == 0
    out = capsys.readouterr().out
    assert "written    state_machines/generated/website/failover.asl.json" in out
    assert "removed    state_machines/generated/website/gone.asl.json" in out
    assert "1 written, 1 removed, 5 unchanged" in out
    assert main(["compile", "--check"]) == 0


def test_compile_check_json_lists_drifted_files(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edit_failover(project, ("timeout: 5h", "timeout: 40d"))
    assert main(["compile", "--check", "--json"]) == 1
    output = json.loads(capsys.readouterr().out)
    assert output["drifted"] is True
    states = {Path(f["path"]).name: f["state"] for f in output["files"]}
    assert states["failover.asl.json"] == "changed"
    assert states["application.schema.json"] == "unchanged"
    assert any("TimeoutSeconds" in line for f in output["files"] for line in f["diff"])


def test_compile_rejects_invalid_documents_with_place(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edit_failover(project, ("kind: lock", "kind: lok"))
    assert main(["compile"]) == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert f"runbooks/website/failover.yaml:{LOCK_LINE}:" in output.err
    assert "nothing was compiled" in output.err


def test_commands_outside_a_project_name_root_option(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for command in (["validate"], ["compile"], ["rehearse", "website"]):
        assert main(command) == 2
        output = capsys.readouterr()
        assert "no runbooks/ folder" in output.err
        assert "--root" in output.err


def test_validate_lists_worst_case_of_each_state_machine(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["validate"]) == 0
    out = capsys.readouterr().out
    assert "website failback" in out
    assert "of 25,000 events" in out
    assert "calls us-west-2 (the application's lock, which is kept there): Take the lock" in out
    assert "checks passed: reachable, ends, loops, failures, lock, limits" in out
    assert main(["validate", "--json"]) == 0
    machines = {m["runbook"]: m for m in json.loads(capsys.readouterr().out)["machines"]}
    assert machines["failback"]["findings"] == []
    assert 0 < machines["failback"]["worst"]["events"] < 25_000
    assert {"leeward-lock-acquire"} <= {call["function"] for call in machines["failback"]["calls_abroad"]}
