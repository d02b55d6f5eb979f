"""Records which tests run which lines of the code, and reads the record."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from coverage import CoverageData

_SETTINGS = """[run]
branch = False
parallel = True
concurrency = greenlet,thread
patch = _exit
source =
{sources}
data_file = {data}
"""


class TestCoverage:
    """Which tests run a line, and how long each test takes."""

    def __init__(self, tests_by_line: dict[str, dict[int, list[str]]], durations: dict[str, float]) -> None:
        self._tests_by_line, self._durations = tests_by_line, durations

    @property
    def tests(self) -> int:
        """Return the number of tests that were recorded."""
        return len(self._durations)

    def tests_of(self, path: str, lines: Sequence[int]) -> list[str]:
        """Return the tests that run one of the lines, the fastest first.

        A line that runs at import, such as a constant, belongs to every test that runs another line of its module.
        """
        by_line = self._tests_by_line.get(path, {})
        found = {test for line in lines for test in by_line.get(line, ())}
        if "" in found or not found:
            found |= {test for tests in by_line.values() for test in tests}
        return sorted(found & self._durations.keys(), key=lambda test: (self._durations[test], test))

    def seconds(self, test: str) -> float:
        """Return how long a test takes, without its fixtures."""
        return self._durations[test]


def record_coverage(tree: Path, tests: Sequence[str], packages: Sequence[Path], environment: dict[str, str]) -> None:
    """Run the tests in `tree` and record them in `tree/coverage`.

    Raises ValueError if a test fails: then every change of the code would count as noticed.
    """
    folder = tree / "coverage"
    folder.mkdir()
    settings = folder / "settings"
    sources = "\n".join(f"    {package}" for package in packages)
    settings.write_text(_SETTINGS.format(sources=sources, data=folder / "data"), encoding="utf-8")
    done = subprocess.run(  # noqa: S603 - a fixed command
        [
            *(sys.executable, "-m", "coverage", "run", f"--rcfile={settings}"),
            *("-m", "pytest", "-q", "-m", "not verify", "--tb=short"),
            *("-p", "no:cacheprovider", "-p", "tools.mutants.coverage_plugin", *tests),
        ],
        cwd=tree,
        env=environment | {"MUTANTS_DURATIONS": str(folder / "durations.json")},
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    if done.returncode != 0:
        raise ValueError(f"the tests fail without a change, so they can't show anything:\n{done.stdout[-3000:]}")


def read_coverage(tree: Path) -> TestCoverage:
    """Return what `record_coverage` recorded. Paths are relative to the tree, with links resolved."""
    folder = tree / "coverage"
    tests_by_line: dict[str, dict[int, list[str]]] = defaultdict(lambda: defaultdict(list))
    for part in folder.glob("data.*"):
        data = CoverageData(str(part))
        data.read()
        for file in data.measured_files():
            path = os.path.relpath(os.path.realpath(file), os.path.realpath(tree))
            for line, contexts in data.contexts_by_lineno(file).items():
                tests_by_line[path][line] += contexts
    durations = json.loads((folder / "durations.json").read_text(encoding="utf-8"))
    return TestCoverage(tests_by_line, durations)
