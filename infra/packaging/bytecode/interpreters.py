"""Finds an interpreter of the version that the functions run on. Bytecode of another version is never used."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

MISSING_INTERPRETER = (
    "The Lambda assets have no bytecode, so each cold start compiles every module that it imports: no Python {version} "
    "was found. Install one, for example with `uv python install {version}`, and build the assets again"
)
_ASK_VERSION = "import sys; print(sys.implementation.cache_tag, sys.version.split()[0], sep='\\n')"


@dataclass(frozen=True, slots=True)
class Interpreter:
    """A Python interpreter on this machine. `cache_tag` is part of the names of its bytecode files."""

    path: str
    cache_tag: str
    version: str


@lru_cache(maxsize=8)
def find_interpreter(version: str) -> Interpreter | None:
    """Return a CPython whose version begins with `version`, such as 3.13, or None. Downloads nothing."""
    for path in _list_candidates(version):
        found = _ask(path)
        if found is not None and found.cache_tag == f"cpython-{version.replace('.', '')}":
            return found
    return None


def _list_candidates(version: str) -> Iterator[str]:
    yield sys.executable
    if (on_path := shutil.which(f"python{version}")) is not None:
        yield on_path
    if (uv := shutil.which("uv", path=str(Path(sys.executable).parent)) or shutil.which("uv")) is not None:
        done = subprocess.run(  # noqa: S603 - a fixed command
            [uv, "python", "find", "--quiet", "--offline", version], capture_output=True, text=True, check=False
        )
        if done.returncode == 0:
            yield done.stdout.strip()


def _ask(path: str) -> Interpreter | None:
    try:
        done = subprocess.run(  # noqa: S603
            [path, "-I", "-S", "-c", _ASK_VERSION], capture_output=True, text=True, check=False
        )
    except OSError:
        return None
    lines = done.stdout.split()
    return Interpreter(path, *lines) if done.returncode == 0 and len(lines) == 2 else None  # noqa: PLR2004
