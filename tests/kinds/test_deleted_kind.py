"""Deleting a kind's own files removes the kind, and breaks nothing else."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from leeward.kinds.registry import step_kinds
from tests.support.nonempty import nonempty
from tests.support.paths import REPOSITORY
from tools.checks.kind_names import own_files

# Imports every module of the package, and compiles, checks, and plans what is left of the samples and the examples.
USE_EVERYTHING = """
import importlib, pathlib, pkgutil, sys
import leeward
from leeward.base.import_paths import load
from leeward.kinds.registry import step_kinds
from leeward.state_machines.build import build_runbooks
from leeward.state_machines.checks.machine_report import check_machine
from leeward.state_machines.planning.run_plan import plan_run
assert sys.argv[1] not in step_kinds(), "the kind is still there"
for module in pkgutil.walk_packages(leeward.__path__, "leeward."):
    if not module.name.endswith("__main__"):
        importlib.import_module(module.name)
for kind in step_kinds().values():
    load(kind.document), load(kind.compiler)
    assert kind.example_text
    for task in kind.all_tasks:
        load(task.handler), load(task.permissions)
built = build_runbooks(pathlib.Path("runbooks"))
for one in built:
    check_machine(one.compiled)
    plan_run(one)
print(len(step_kinds()), len(built))
"""


@pytest.mark.verify("imports the whole package from a scratch copy, ten seconds a kind")
@pytest.mark.parametrize("name", ["api.transaction", "drs.protect", "route53.shift"])
def test_deleting_the_files_of_a_kind_removes_the_kind_and_nothing_else(name: str, tmp_path: Path) -> None:
    kinds = step_kinds()
    owners = own_files(kinds.values())
    shared = {module for other, modules in owners.items() if other != name for module in modules}
    _copy_repository(tmp_path)
    for module in nonempty(sorted(owners[name] - shared)):
        (tmp_path / "src" / f"{module.replace('.', '/')}.py").unlink()
    (tmp_path / "src" / kinds[name].example.replace(".", "/").replace(":", "/").replace("/yaml", ".yaml")).unlink()
    use = re.compile(rf"kind: {re.escape(name)}\b")
    using = [path for path in (tmp_path / "runbooks").glob("*/*.yaml") if use.search(path.read_text())]
    for path in nonempty(using):
        path.unlink()
    program = [sys.executable, "-c", USE_EVERYTHING, name]
    environment = {"PYTHONPATH": f"{tmp_path / 'src'}:{tmp_path}", "PATH": "/usr/bin:/bin"}
    done = subprocess.run(program, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    left, built = map(int, done.stdout.split())
    assert left == len(kinds) - 1
    assert built > 0


def _copy_repository(folder: Path) -> None:
    """Copy the package, the samples, and each example as a runbook of its application."""
    ignored = shutil.ignore_patterns("__pycache__", "generated", "node_modules")
    for name in ("src", "drs", "lambdas", "infra", "state_machines", "runbooks", "workloads"):
        shutil.copytree(REPOSITORY / name, folder / name, symlinks=True, ignore=ignored)
    for kind in step_kinds().values():
        text = kind.example_text
        application = text.partition("\napplication: ")[2].partition("\n")[0]
        name = kind.example.partition(":")[2]
        (folder / "runbooks" / application / name).write_text(text, encoding="utf-8")
