"""A plug-in that is broken in one part breaks that part, is named, and shows no traceback."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from leeward.report.report_section import ReportSection
from tests.support.paths import REPOSITORY

KIND = """
from leeward.api import Effect, PlannedTime, StepKind, Task
KIND = StepKind(
    name="bad.thing", summary="Do nothing", document="{package}.nowhere:Step", compiler="{package}.nowhere:compile",
    effects=frozenset(), tasks=(Task("bad_thing", "{package}.task:handler", "{package}.nowhere:grant"),),
    planned_time=PlannedTime(1, 2), example="{package}.nowhere:example.yaml",
)
"""
PLUGIN = """
from leeward.api import Plugin
PLUGIN = Plugin(name="bad", step_kinds="bad_plugin.steps", readiness_checks=("bad_plugin.nowhere:CHECK",))
"""
# The task's module imports another one of the plug-in, and the descriptor does too.
WRITE_ASSET = """
import pathlib, sys
from leeward.infra.packaging.code_asset import read_code_files
for name, content in read_code_files().items():
    path = pathlib.Path(sys.argv[1], name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with a valid runbook, and a plug-in whose kind names modules that don't exist."""
    steps = tmp_path / "packages" / "bad_plugin" / "steps"
    steps.mkdir(parents=True)
    (steps.parent / "__init__.py").write_text(PLUGIN)
    (steps.parent / "shared.py").write_text("SUMMARY = 'shared'\n")
    (steps.parent / "task.py").write_text("from . import shared\n\ndef handler(event, context): ...\n")
    (steps / "__init__.py").write_text("import bad_plugin.shared\n")
    (steps / "thing.py").write_text(KIND.format(package="bad_plugin"))
    metadata = tmp_path / "packages" / "bad_plugin-1.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: bad-plugin\nVersion: 1\n")
    (metadata / "entry_points.txt").write_text("[leeward.plugins]\nbad = bad_plugin:PLUGIN\n")
    runbooks = tmp_path / "runbooks" / "website"
    runbooks.mkdir(parents=True)
    for name in ("application", "drill"):
        (runbooks / f"{name}.yaml").write_bytes((REPOSITORY / "runbooks" / "website" / f"{name}.yaml").read_bytes())
    return tmp_path


def run(project: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {"PYTHONPATH": str(project / "packages"), "PATH": "/usr/bin:/bin", "COLUMNS": "200"} | variables
    return subprocess.run(
        [sys.executable, *arguments], cwd=project, env=environment, capture_output=True, text=True, check=False
    )


def test_documents_that_do_not_use_the_kind_are_validated(project: Path) -> None:
    assert run(project, "-m", "leeward.cli", "validate").returncode == 0
    drill = project / "runbooks" / "website" / "drill.yaml"
    drill.write_text(drill.read_text().replace("groups:", "group:", 1))
    done = run(project, "-m", "leeward.cli", "validate")
    assert done.returncode == 1
    assert 'unknown key "group"' in done.stdout + done.stderr


def test_broken_kind_is_named_without_traceback(project: Path) -> None:
    drill = project / "runbooks" / "website" / "drill.yaml"
    drill.write_text(drill.read_text() + "\n  - kind: bad.thing\n    name: Do nothing\n")
    for command in (["-m", "leeward.cli", "validate"], ["-m", "leeward.state_machines"]):
        done = run(project, *command)
        assert done.returncode in (1, 2), done.stdout
        assert '"bad_plugin.nowhere:Step": there is no module bad_plugin.nowhere' in done.stderr
        assert "Traceback" not in done.stderr


def test_broken_readiness_check_is_a_finding(project: Path) -> None:
    program = "from leeward.readiness.evaluation import list_checks; print([c.area for c in list_checks()])"
    assert run(project, "-c", program).stdout.endswith("'drill', 'plug-in']\n")


def test_archive_has_what_descriptors_and_tasks_import(project: Path) -> None:
    (project / "packages" / "bad_plugin" / "__init__.py").write_text(PLUGIN.replace('"bad_plugin.nowhere:CHECK",', ""))
    archive = project / "archive"
    written = run(project, "-c", WRITE_ASSET, str(archive))
    assert written.returncode == 0, written.stderr
    assert (archive / "bad_plugin" / "shared.py").exists()
    program = (
        "from leeward.kinds.registry import step_kinds; import bad_plugin.task; print('bad.thing' in step_kinds())"
    )
    assert run(project, "-c", program, PYTHONPATH=str(archive)).stdout == "True\n"


@pytest.mark.parametrize("rows", [[], [["a", "b"], ["c"]], [["a"], [5]], [["a"], [None]]])
def test_section_that_is_no_table_is_refused(rows: list[list[str]]) -> None:
    with pytest.raises(ValueError, match="the section 'E'"):
        ReportSection("E", rows)
