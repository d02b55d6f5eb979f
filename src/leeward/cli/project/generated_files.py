"""The state of each generated file compared with the compiler's output."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from leeward.state_machines.build import Drift


class FileState(StrEnum):
    """How a generated file compares with the compiler's output, before the compiler writes it."""

    UNCHANGED = "unchanged"
    MISSING = "missing"
    CHANGED = "changed"
    LEFT_OVER = "left over"


@dataclass(frozen=True, slots=True)
class GeneratedFile:
    """One generated file. `diff` is a unified diff from the committed file to the compiler's output. `findings` say
    what a changed machine does that its documents don't mean.
    """

    path: Path
    state: FileState
    diff: tuple[str, ...] = ()
    findings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class GeneratedFiles:
    """All generated files, sorted by path."""

    files: tuple[GeneratedFile, ...]

    @property
    def drifted(self) -> tuple[GeneratedFile, ...]:
        """Return the files that the compiler writes or removes."""
        return tuple(f for f in self.files if f.state is not FileState.UNCHANGED)

    def as_json(self) -> dict[str, object]:
        """Return the JSON document `{drifted: bool, files: [{path, state, diff: [line], findings: [text]}]}`."""
        files = [
            {"path": str(f.path), "state": str(f.state), "diff": list(f.diff), "findings": list(f.findings)}
            for f in self.files
        ]
        return {"drifted": bool(self.drifted), "files": files}


def compare_generated_files(
    expected: Mapping[Path, str], drift: Drift, findings: Mapping[Path, tuple[str, ...]] | None = None
) -> GeneratedFiles:
    """Return the state of every expected or leftover file, with a diff and the findings for each changed file."""
    files = []
    for path, text in expected.items():
        if path in drift.missing:
            files.append(GeneratedFile(path, FileState.MISSING))
        elif path in drift.changed:
            found = (findings or {}).get(path, ())
            files.append(GeneratedFile(path, FileState.CHANGED, _diff_file(path, text), found))
        else:
            files.append(GeneratedFile(path, FileState.UNCHANGED))
    files += [GeneratedFile(path, FileState.LEFT_OVER) for path in drift.left_over]
    return GeneratedFiles(tuple(sorted(files, key=lambda f: str(f.path))))


def _diff_file(path: Path, expected: str) -> tuple[str, ...]:
    committed = path.read_text(encoding="utf-8", errors="replace").splitlines()
    lines = difflib.unified_diff(committed, expected.splitlines(), "committed", "compiled", n=2, lineterm="")
    return tuple(lines) or ("(only the line endings differ)",)
