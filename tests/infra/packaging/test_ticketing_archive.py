"""The ticketing functions' archive: it is enough, and nothing of the stand-ins is in it."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.support.nonempty import nonempty
from workloads.ticketing.infra.configuration import function_assets


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return function_assets.build_code_archive(build_folder=tmp_path_factory.mktemp("lambda"))


def test_functions_import_from_archive_only(archive: Path) -> None:
    names = [f"workloads.ticketing.api.{module}" for module in ("handler", "heartbeat", "conflicts")]
    script = f"""
import importlib, sys
sys.path[:] = [{str(archive)!r}, *[p for p in sys.path if "site-packages" in p or "lib/python" in p]]
for name in {names!r}:
    module = importlib.import_module(name)
    assert callable(module.handler)
    assert module.__file__.startswith({str(archive)!r})
"""
    done = subprocess.run([sys.executable, "-I", "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_local_token_signer_is_not_packaged(archive: Path) -> None:
    names = zipfile.ZipFile(archive).namelist()
    assert not [name for name in nonempty(names) if "identity/" in name or "/web/" in name or "trust" in name]


def test_archive_is_deterministic(archive: Path, tmp_path: Path) -> None:
    assert function_assets.build_code_archive(build_folder=tmp_path).read_bytes() == archive.read_bytes()


def test_imported_packages_are_locked() -> None:
    locked = function_assets.LOCK_FILE.read_text()
    for package in ("boto3", "aws-lambda-powertools", "pydantic", "pyjwt", "cryptography"):
        assert f"\n{package}==" in f"\n{locked}"
