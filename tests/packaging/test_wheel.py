"""The wheel: one top-level name, no samples, and commands that work beside packages with the same names as ours."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

from tests.support.paths import REPOSITORY

HOSTILE = ("common", "data", "cli", "infra", "lambdas", "drs", "state_machines", "twin", "control", "traffic")
BARE = ("drs", "lambdas", "infra", "state_machines")
# Runs commands in one process, then prints which bare names were imported.
SCRIPT = """
import json, sys
from leeward.cli.main import main
codes = [main(arguments) for arguments in json.loads(sys.argv[1])]
print(json.dumps({"codes": codes, "bare": sorted(set(sys.modules) & set(json.loads(sys.argv[2])))}), file=sys.stderr)
"""


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the files that git tracks or would track, with its links."""
    folder = tmp_path_factory.mktemp("source")
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=REPOSITORY, capture_output=True, check=True,
    ).stdout  # fmt: skip
    for name in listed.decode().split("\0"):
        path = REPOSITORY / name
        if name and (path.is_symlink() or path.is_file()):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, folder / name, follow_symlinks=False)
    return folder


def build(source: Path, out: Path) -> Path:
    """The wheel, built without network."""
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-index", "--no-build-isolation"]
    environment = {**os.environ, "SOURCE_DATE_EPOCH": "1700000000"}
    subprocess.run([*command, "--wheel-dir", str(out), "."], cwd=source, env=environment, check=True)
    (built,) = out.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def wheel(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(source, tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with nothing but the wheel's content. Dependencies come from this environment's site-packages."""
    folder = tmp_path_factory.mktemp("installed")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the samples, beside packages that fail when they are imported."""
    for name in ("runbooks", "workloads"):
        shutil.copytree(REPOSITORY / name, tmp_path / "project" / name)
    for name in ("generated", "schema"):
        shutil.copytree(REPOSITORY / "state_machines" / name, tmp_path / "project" / "state_machines" / name)
    for name in HOSTILE:
        (tmp_path / "hostile" / name).mkdir(parents=True)
        (tmp_path / "hostile" / name / "__init__.py").write_text(f'raise RuntimeError("hostile {name}")\n')
    return tmp_path / "project"


def run(installed: Path, project: Path, *commands: list[str], before: str = "") -> subprocess.CompletedProcess[str]:
    import json

    # -S keeps this environment's editable install of Leeward out; its other packages come last on the path.
    path = [str(project.parent / "hostile"), str(installed), sysconfig.get_paths()["purelib"]]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path)}
    arguments = [json.dumps(commands), json.dumps(BARE)]
    return subprocess.run(
        [sys.executable, "-S", "-c", before + SCRIPT, *arguments],
        cwd=project, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_wheel_has_one_top_level_name_and_no_samples(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    packages = {name.split("/")[0] for name in names if ".dist-info/" not in name}
    assert packages == {"leeward"}
    assert {"leeward/infra/__main__.py", "leeward/drs/__init__.py", "leeward/py.typed"} <= set(names)
    assert {"leeward/report/page.css", "leeward/board/site/site.css", "leeward/infra/guardrails/scp.json"} <= set(names)
    samples = ("/workloads/", "/runbooks/website", "/generated/", "/tests/", "example.yaml")
    assert not [name for name in names if any(part in f"/{name}" for part in samples)]


def test_installed_commands_work_beside_hostile_packages(installed: Path, project: Path) -> None:
    commands = [["--version"], ["validate"], ["rehearse", "website", "failover", "--json"]]
    done = run(installed, project, *commands)
    assert done.stderr.splitlines()[-1] == '{"codes": [0, 0, 0], "bare": []}', done.stderr[-2000:]
    assert done.stdout.startswith("leeward ")
    assert '"outcome":"succeeded"' in done.stdout.replace(" ", "").replace("\n", "")


def test_missing_extra_is_named_with_its_command(installed: Path, project: Path) -> None:
    hide = "import sys; sys.modules['moto'] = None\n"
    done = run(installed, project, ["rehearse", "website", "failover"], ["validate"], before=hide)
    assert done.stderr.splitlines()[-1] == '{"codes": [2, 0], "bare": []}', done.stderr[-2000:]
    assert 'rehearse needs the extra "rehearse"' in done.stderr
    assert "pip install 'leeward[rehearse]'" in done.stderr


def test_wheel_built_twice_has_the_same_bytes(source: Path, wheel: Path, tmp_path: Path) -> None:
    assert build(source, tmp_path).read_bytes() == wheel.read_bytes()
