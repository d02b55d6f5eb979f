"""The same files give the same sdist and the same wheel, to the byte, and both can be uploaded."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path
from types import ModuleType

from tests.packaging.conftest import EPOCH


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
    assert all(member.isfile() or member.isdir() for member in members)
    names = {member.name.partition("/")[2] for member in members}
    assert {"src/leeward/drs/__init__.py", "src/leeward/infra/packaging/lambda-lock.txt", "LICENSE"} <= names


def test_package_index_would_take_both(distributions: tuple[Path, Path]) -> None:
    command = [sys.executable, "-m", "twine", "check", "--strict", *map(str, distributions)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert done.stdout.count("PASSED") == 2
