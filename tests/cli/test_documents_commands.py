"""`leeward validate` and `leeward compile`, as they are typed, on a copy of the project's documents."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from leeward.cli.main import main

REPOSITORY = Path(__file__).parents[2]
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


def damage(project: Path, *changes: tuple[str, str], name: str = "failover") -> None:
    path = project / "runbooks" / "website" / f"{name}.yaml"
    text = path.read_text()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path.write_text(text)


def test_good_documents_are_counted_and_pass(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["validate"]) == 0
    assert "no problems" in capsys.readouterr().out


def test_every_problem_is_shown_with_its_place_a_caret_and_the_nearest_word(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    damage(
        project, ("kind: lock", "kind: lok"), ("timeout: 25m", "timeout: soon"), ("on_failure: ask", "on_failure: aks")
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


def test_the_json_twin_has_the_same_problems_and_nothing_else_on_standard_output(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    damage(project, ("kind: lock", "kind: lok"))
    assert main(["validate", "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert (told["errors"], told["warnings"]) == (1, 0)
    problem = told["problems"][0]
    assert problem["path"].endswith("runbooks/website/failover.yaml")
    assert (problem["line"], problem["severity"]) == (LOCK_LINE, "error")


def test_a_file_can_be_named_and_one_that_is_not_there_is_a_misuse(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["validate", "runbooks/website/failover.yaml"]) == 0
    assert main(["validate", "runbooks/website/gone.yaml"]) == 2
    assert "there is no file or folder runbooks/website/gone.yaml" in capsys.readouterr().err


def test_warnings_are_shown_but_do_not_fail(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
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
    damage(project, ("\nsite:", component), name="application")
    damage(project, ("  - name: Check as a user would", step))
    assert main(["validate"]) == 0
    out = capsys.readouterr().out
    assert "warning: route53.weights depends on the Route 53 control plane" in out
    assert "1 warning in 1 file" in out


@pytest.mark.parametrize("text", ["", "- a\n- b\n", "a: [\n", "\x00", "a: &a [*a]\n", "\ufeffa: b", "[bold]: x\n"])
def test_whatever_a_file_holds_there_is_never_a_traceback(
    project: Path, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    (project / "runbooks" / "website" / "failover.yaml").write_text(text, encoding="utf-8")
    assert main(["validate"]) == 1
    told = capsys.readouterr()
    assert "runbooks/website/failover.yaml:" in told.out
    assert "Traceback" not in told.out + told.err


def test_what_has_not_drifted_passes_the_check(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compile", "--check"]) == 0
    assert "are what the documents compile to" in capsys.readouterr().out


def test_drift_is_shown_with_the_head_of_its_difference_and_the_mend(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    damage(project, ("timeout: 3h", "timeout: 40d"))
    generated = project / "state_machines" / "generated" / "website"
    before = (generated / "failover.asl.json").read_text()
    (generated / "gone.asl.json").write_text("{}")
    (project / "state_machines" / "schema" / "runbook.schema.json").unlink()
    assert main(["compile", "--check"]) == 1
    out = capsys.readouterr().out
    assert "state_machines/generated/website/failover.asl.json  is not what the documents compile to" in out
    assert '-  "TimeoutSeconds": ' in out
    assert '+  "TimeoutSeconds": 3456000' in out
    assert "gone.asl.json  stands for no runbook any more" in out
    assert "runbook.schema.json  is missing" in out
    assert "Run leeward compile, review the difference and commit it." in out
    assert (generated / "failover.asl.json").read_text() == before


def test_compiling_writes_what_is_needed_and_says_what_it_did(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    damage(project, ("timeout: 3h", "timeout: 40d"))
    (project / "state_machines" / "generated" / "website" / "gone.asl.json").write_text("{}")
    assert main(["compile"]) == 0
    out = capsys.readouterr().out
    assert "written    state_machines/generated/website/failover.asl.json" in out
    assert "removed    state_machines/generated/website/gone.asl.json" in out
    assert "1 written, 1 removed, 5 unchanged" in out
    assert main(["compile", "--check"]) == 0


def test_drift_as_json(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    damage(project, ("timeout: 3h", "timeout: 40d"))
    assert main(["compile", "--check", "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["drifted"] is True
    states = {Path(f["path"]).name: f["state"] for f in told["files"]}
    assert states["failover.asl.json"] == "changed"
    assert states["application.schema.json"] == "unchanged"
    assert any("TimeoutSeconds" in line for f in told["files"] for line in f["diff"])


def test_documents_with_errors_are_not_compiled_and_say_why(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    damage(project, ("kind: lock", "kind: lok"))
    assert main(["compile"]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert f"runbooks/website/failover.yaml:{LOCK_LINE}:" in told.err
    assert "nothing was compiled" in told.err


def test_outside_a_project_each_command_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for command in (["validate"], ["compile"], ["rehearse", "website"]):
        assert main(command) == 2
        told = capsys.readouterr()
        assert "no runbooks/ folder" in told.err
        assert "--root" in told.err


def test_validate_tells_what_each_machine_comes_to_at_worst(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["validate"]) == 0
    out = capsys.readouterr().out
    assert "website failback" in out
    assert "of 25,000 events" in out
    assert "calls us-west-2 (the application's lock, which is kept there): Take the lock" in out
    assert "checks hold: reachable, ends, loops, failures, lock, limits" in out
    assert main(["validate", "--json"]) == 0
    machines = {m["runbook"]: m for m in json.loads(capsys.readouterr().out)["machines"]}
    assert machines["failback"]["findings"] == []
    assert 0 < machines["failback"]["worst"]["events"] < 25_000
    assert {"leeward-lock-acquire"} <= {call["function"] for call in machines["failback"]["calls_abroad"]}
