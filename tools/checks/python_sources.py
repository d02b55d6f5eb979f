"""Finds and parses the Python files that the checks look at."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Source:
    """A Python file of the repository. `path` is relative to its root."""

    path: Path

    @cached_property
    def text(self) -> str:
        """Return the file's content."""
        return (ROOT / self.path).read_text(encoding="utf-8")

    @cached_property
    def tree(self) -> ast.Module:
        """Return the syntax tree of the file."""
        return ast.parse(self.text)

    @property
    def is_product(self) -> bool:
        """Whether it belongs to the package or the samples, and not to tests or tools."""
        return self.path.parts[0] not in ("tests", "tools", "docs")


def tracked_files(pattern: str) -> list[Path]:
    """Return the files that git tracks or would track, relative to the root. Links are not followed."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", pattern]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()  # noqa: S603
    return sorted({Path(line) for line in listed if (ROOT / line).is_file() and not (ROOT / line).is_symlink()})


def python_sources() -> Iterator[Source]:
    """Yield every Python file of the repository."""
    for path in tracked_files("*.py"):
        yield Source(path)
