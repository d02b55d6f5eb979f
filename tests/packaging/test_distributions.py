"""The wheel and the sdist: their content, reproducible builds, and commands that work beside hostile packages."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path
from types import ModuleType

import pytest

from tests.packaging.conftest import EPOCH, Installation
from tests.support.nonempty import nonempty
from tests.support.paths import REPOSITORY

BARE = ("drs", "infra", "lambdas", "state_machines")
# Runs commands in one process, then says which bare names were imported.
SCRIPT = """
import json, sys
from leeward.cli.main import main
codes = [main(arguments) for arguments in json.loads(sys.argv[1])]
bare = sorted(name for name in sys.modules if name.partition(".")[0] in json.loads(sys.argv[2]))
print(json.dumps({"codes": codes, "bare": bare}), file=sys.stderr)
"""
WRITTEN = REPOSITORY / "tests" / "compatibility" / "written_by_0_1"
NOT_SERVED = "--twin=http://127.0.0.1:9"


@pytest.fixture
def wheel(distributions: tuple[Path, Path]) -> Path:
    return distributions[1]


def test_wheel_has_one_top_level_name_and_no_samples(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {name.split("/")[0] for name in names if ".dist-info/" not in name} == {"leeward"}
    assert {
        "leeward/py.typed", "leeward/drs/__init__.py", "leeward/lambdas/start.py", "leeward/state_machines/build.py",
        "leeward/infra/__main__.py", "leeward/infra/guardrails/scp.json", "leeward/infra/packaging/lambda-lock.txt",
        "leeward/report/page.css", "leeward/report/page.html.jinja", "leeward/report/draws_page.html.jinja",
        "leeward/board/site/site.css",
    } <= names  # fmt: skip
    unwanted = ("/workloads/", "/runbooks/website", "/generated/", "/schema/", "/tests/", "/tools/", "example.yaml")
    assert not [name for name in names if any(part in f"/{name}" for part in unwanted)]


def test_wheel_has_every_module_of_the_package(wheel: Path) -> None:
    modules: set[str] = set()
    package = REPOSITORY / "src" / "leeward"
    for folder in (package, *(path for path in package.iterdir() if path.is_symlink())):
        modules |= {path.relative_to(package.parent).as_posix() for path in folder.rglob("*.py")}
    assert modules <= set(zipfile.ZipFile(wheel).namelist())


@pytest.mark.verify("two rehearsals; test_plugin_example has the same assertions of one")
@pytest.mark.parametrize("application", ["website", "ticketing"])
def test_installed_commands_import_no_bare_name(complete: Installation, project: Path, application: str) -> None:
    commands = [["--version"], ["compile"], ["validate"], ["rehearse", application, "failover", "--json"]]
    done = complete.run(project, "python", "-c", SCRIPT, json.dumps(commands), json.dumps(BARE))
    assert done.stderr.splitlines()[-1] == '{"codes": [0, 0, 0, 0], "bare": []}', done.stderr[-2000:]
    assert '"outcome": "succeeded"' in done.stdout
    assert (project / "build" / "rehearsals").is_dir()


def test_command_prints_its_version(base: Installation, project: Path) -> None:
    version = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]["version"]
    done = base.run(project, "leeward", "--version")
    assert (done.returncode, done.stdout, done.stderr) == (0, f"leeward {version}\n", "")


# Without the twin. Where no twin is served, no Region answers, or the journal has no such run: the exit code says so.
BASE_COMMANDS: list[tuple[list[str], int]] = [
    (["compile"], 0),
    (["validate"], 0),
    (["plan", "website", "drill"], 0),
    (["kinds"], 0),
    (["kinds", "--json"], 0),
    (["board"], 0),
    (["show", str(WRITTEN / "website-drill.leeward.zip")], 0),
    (["verify", str(WRITTEN / "website-drill.leeward.zip"), "--key", str(WRITTEN / "audit.pub")], 0),
    (["export", str(WRITTEN / "website-drill.leeward.zip")], 0),
    (["history", "website", NOT_SERVED], 69),
    (["status", "website", NOT_SERVED], 69),
    (["start", "website", "drill", NOT_SERVED], 69),
    (["watch", "website.failover.run", NOT_SERVED], 2),
    (["approve", "website.failover.run", "--reason", "because", NOT_SERVED], 2),
    (["abort", "website.failover.run", "--reason", "because", NOT_SERVED], 2),
    (["resume", "website.failover.run", NOT_SERVED], 2),
]


def test_base_installation_has_what_validates_compiles_plans_and_operates(base: Installation, project: Path) -> None:
    """In one process: to start each command in its own takes ten times as long."""
    commands = json.dumps([arguments for arguments, _ in BASE_COMMANDS])
    done = base.run(project, "python", "-c", SCRIPT, commands, json.dumps(BARE))
    codes = json.loads(done.stderr.splitlines()[-1])["codes"]
    expected = {" ".join(arguments): code for arguments, code in BASE_COMMANDS}
    assert dict(zip(expected, codes, strict=True)) == expected, done.stderr
    assert "unexpected error" not in done.stderr
    assert "needs the extra" not in done.stderr


@pytest.mark.parametrize(
    ("typed", "command", "extra"),
    [
        ("leeward rehearse website failover", "rehearse", "rehearse"),
        ("leeward sweep website", "sweep", "rehearse"),
        ("leeward twin serve website", "twin serve", "rehearse"),
        ("leeward report latest", "report", "report"),
        ("python -m leeward.infra synth website", "python -m leeward.infra synth", "deploy"),
    ],
)
def test_missing_extra_is_named(base: Installation, project: Path, typed: str, command: str, extra: str) -> None:
    done = base.run(project, *typed.split())
    message = f"leeward: {command} needs the extra \"{extra}\"\n  pip install 'leeward[{extra}]'\n"
    assert (done.returncode, done.stdout, done.stderr) == (2, "", message)


def test_missing_report_is_named_before_anything_is_rehearsed(complete: Installation, project: Path) -> None:
    hidden = "import sys; sys.modules['matplotlib'] = None\n"
    commands = json.dumps([["rehearse", "website", "failover", "--report", "out"]])
    done = complete.run(project, "python", "-c", hidden + SCRIPT, commands, json.dumps(BARE))
    assert done.stderr.startswith('leeward: rehearse --report needs the extra "report"\n')
    assert done.stderr.endswith('{"codes": [2], "bare": []}\n')
    assert not (project / "build").exists()


def test_infra_finds_its_project_by_root(complete: Installation, project: Path, tmp_path: Path) -> None:
    (project / "infra").mkdir()
    (project / "infra" / "environments").symlink_to(REPOSITORY / "infra" / "environments")
    assert complete.run(project, "leeward", "compile").returncode == 0
    arguments = ("-m", "leeward.infra", "--root", str(project), "permissions", "website", "example")
    done = complete.run(tmp_path / "hostile", "python", *arguments)
    assert (done.returncode, done.stderr) == (0, "")
    assert '"task": "drs_recover"' in done.stdout
    outside = complete.run(tmp_path / "hostile", "python", "-m", "leeward.infra", "permissions", "website")
    assert outside.returncode == 2
    assert "Run it inside the project, or give its root with --root" in outside.stderr


@pytest.mark.verify("builds both distributions again")
def test_second_build_has_the_same_bytes(
    builder: ModuleType, source: Path, distributions: tuple[Path, Path], tmp_path: Path
) -> None:
    """From another folder, with other times and another umask."""
    before = os.umask(0o077)
    try:
        shutil.copytree(source, tmp_path / "elsewhere", symlinks=True, ignore=shutil.ignore_patterns("*.egg-info"))
        for path in (tmp_path / "elsewhere").rglob("*.py"):
            os.utime(path, (0, 0))
        again = builder.build_distributions(tmp_path / "elsewhere", tmp_path / "dist", EPOCH)
    finally:
        os.umask(before)
    assert [path.name for path in again] == [path.name for path in distributions]
    assert [path.read_bytes() for path in again] == [path.read_bytes() for path in distributions]


def test_sdist_has_files_in_place_of_links(distributions: tuple[Path, Path]) -> None:
    with tarfile.open(distributions[0]) as archive:
        members = archive.getmembers()
    assert all(member.isfile() or member.isdir() for member in nonempty(members))
    names = {member.name.partition("/")[2] for member in members}
    assert {"src/leeward/drs/__init__.py", "src/leeward/infra/packaging/lambda-lock.txt", "LICENSE"} <= names


def test_package_index_would_take_both(distributions: tuple[Path, Path]) -> None:
    command = [sys.executable, "-m", "twine", "check", "--strict", *map(str, distributions)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert done.stdout.count("PASSED") == 2
