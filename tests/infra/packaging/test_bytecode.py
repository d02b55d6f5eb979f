"""The assets' bytecode: used without the sources' times, of the functions' version only, and announced if missing."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from leeward.infra.packaging.asset_measurement import extract_assets
from leeward.infra.packaging.bytecode import compile_files, find_interpreter, interpreters
from leeward.infra.packaging.code_asset import build_code_archive, read_code_files
from leeward.infra.packaging.lambda_target import LAMBDA_TARGET, LambdaTarget
from tests.support.nonempty import nonempty

OWN = LambdaTarget.current_interpreter()
# The second field of a bytecode file: its source is found by hash, and is not checked.
UNCHECKED_HASH = 0b01
SCRIPT = """
import sys
sys.path[:0] = sys.argv[1:]
import leeward.lambdas.drs_recover
for module in list(sys.modules.values()):
    if (path := getattr(module, "__file__", None) or "").startswith(sys.argv[1]) and path.endswith(".py"):
        print(path)
"""


@pytest.fixture
def assets(tmp_path: Path) -> Iterator[Path]:
    """The extracted assets, whose sources can't be compiled: what is imported comes from bytecode."""
    extract_assets(tmp_path)
    for path in nonempty(list(tmp_path.rglob("*.py"))):
        if Path(importlib.util.cache_from_source(str(path))).exists():
            path.write_text("this is no Python")
    for folder in (tmp_path, *(path for path in tmp_path.rglob("*") if path.is_dir())):
        folder.chmod(0o500)
    yield tmp_path
    for folder in (tmp_path, *(path for path in tmp_path.rglob("*") if path.is_dir())):
        folder.chmod(0o700)


def test_task_is_imported_from_bytecode_without_write_access(assets: Path) -> None:
    command = [sys.executable, "-I", "-S", "-c", SCRIPT, str(assets), str(assets / "python")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    imported = done.stdout.split()
    assert len(imported) > 300
    assert f"{assets}/leeward/lambdas/drs_recover.py" in imported
    assert [path for path in nonempty(imported) if not Path(importlib.util.cache_from_source(path)).exists()] == []


def test_bytecode_is_of_the_functions_version_and_unchecked() -> None:
    interpreter = find_interpreter(OWN.python)
    assert interpreter is not None
    compiled = compile_files(read_code_files(), interpreter)
    assert set(compiled) == {
        importlib.util.cache_from_source(name) for name in read_code_files() if name.endswith(".py")
    }
    for content in nonempty(list(compiled.values())):
        assert content[:4] == importlib.util.MAGIC_NUMBER
        assert int.from_bytes(content[4:8], "little") == UNCHECKED_HASH
    assert compile_files(read_code_files(), interpreter) == compiled


@pytest.mark.skipif(
    find_interpreter(LAMBDA_TARGET.python) is None, reason="this machine has no Python of the functions"
)
def test_deployed_code_has_bytecode_of_its_runtime() -> None:
    tag = f".cpython-{LAMBDA_TARGET.python.replace('.', '')}.pyc"
    names = zipfile.ZipFile(build_code_archive()).namelist()
    assert "leeward/lambdas/__pycache__/start" + tag in names
    assert all(name.endswith(tag) for name in nonempty([name for name in names if name.endswith(".pyc")]))


def test_archive_without_the_functions_python_has_no_bytecode(tmp_path: Path) -> None:
    with_bytecode = build_code_archive(build_folder=tmp_path, target=OWN)
    without = build_code_archive(build_folder=tmp_path, target=LambdaTarget("3.99", OWN.machine))
    assert without.name != with_bytecode.name
    assert not [name for name in nonempty(zipfile.ZipFile(without).namelist()) if name.endswith(".pyc")]


def test_interpreter_of_another_version_is_not_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A `python3.99` on the path that is another version, as a version manager's stand-in may be."""
    stand_in = tmp_path / "python3.99"
    stand_in.write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    stand_in.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    interpreters.find_interpreter.cache_clear()
    assert interpreters.find_interpreter("3.99") is None
