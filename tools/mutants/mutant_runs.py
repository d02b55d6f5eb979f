"""Makes one change after the other in a copy of the tree, and runs the tests of the changed lines."""

from __future__ import annotations

import difflib
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tools.mutants.coverage_by_test import TestCoverage
from tools.mutants.mutant_sample import Mutant, mutated_code

# The tests of one change take this long at most, without their fixtures. A change that is noticed later counts as
# survived.
MAX_TEST_SECONDS = 240.0
_START_SECONDS = 120.0
_SLOWDOWN = 5.0


@dataclass(frozen=True, slots=True)
class MutantResult:
    """Whether the tests noticed a change. `tests` tests were run, of `total` that run the changed lines."""

    mutant: Mutant
    noticed: bool
    diff: str
    tests: int
    total: int


def copy_tree(root: Path, target: Path) -> None:
    """Copy what the tests need."""
    ignored = shutil.ignore_patterns(".git", ".venv", "build", "node_modules", ".mypy_cache", ".hypothesis")
    shutil.copytree(root, target, symlinks=True, ignore=ignored)
    parsed = Path("build", "parsed")  # parsed state machines, which no change alters, and which are slow to parse
    if (root / parsed).is_dir():
        shutil.copytree(root / parsed, target / parsed)


def environment_for(tree: Path) -> dict[str, str]:
    """Return the environment in which the tests use the code of `tree`.

    It keeps the caller's settings, such as those that tell how to reach the package index.
    """
    return os.environ | {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "PYTHONPATH": f"{tree / 'src'}:{tree}",
    }


def run_mutant(tree: Path, mutant: Mutant, coverage: TestCoverage) -> MutantResult:
    """Make the change, run its tests, and restore the code."""
    file = tree / mutant.path
    code = file.read_text(encoding="utf-8")
    changed = mutated_code(code, mutant)
    diff = "".join(
        line
        for line in difflib.unified_diff(code.splitlines(True), changed.splitlines(True), mutant.path, mutant.path, n=1)
    )
    covering = coverage.tests_of(mutant.path, mutant.lines)
    tests = _within_time(covering, coverage)
    _write_code(file, changed)
    try:
        noticed = bool(tests) and not _tests_pass(tree, tests, sum(map(coverage.seconds, tests)))
    finally:
        _write_code(file, code)
    return MutantResult(mutant, noticed, diff, len(tests), len(covering))


def _write_code(file: Path, code: str) -> None:
    """Write a module and remove its bytecode.

    Python compares only the size and the second of the change, so it would run the bytecode of the change before when
    two changes are made within a second.
    """
    file.write_text(code, encoding="utf-8")
    for bytecode in (file.parent / "__pycache__").glob(f"{file.stem}.*.pyc"):
        bytecode.unlink()


def _within_time(tests: list[str], coverage: TestCoverage) -> list[str]:
    chosen, seconds = [], 0.0
    for test in tests:
        seconds += coverage.seconds(test)
        if chosen and seconds > MAX_TEST_SECONDS:
            break
        chosen.append(test)
    return chosen


def _tests_pass(tree: Path, tests: list[str], seconds: float) -> bool:
    arguments = tree / "mutant-tests.txt"
    arguments.write_text("\n".join(tests), encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", f"@{arguments}"]
    try:
        done = subprocess.run(  # noqa: S603 - a fixed command
            command,
            cwd=tree,
            env=environment_for(tree),
            capture_output=True,
            timeout=_START_SECONDS + _SLOWDOWN * seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return False  # an endless loop
    return done.returncode == 0
