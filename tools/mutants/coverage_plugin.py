"""A pytest plugin that records, with coverage.py, which lines each test runs, and how long the test takes.

Lines that run while no test runs, such as those of an import, have no test. `MUTANTS_DURATIONS` names the file for the
durations.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator

import coverage
import pytest

_durations: dict[str, float] = {}


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Record the lines that run for this test, those of its fixtures included."""
    recorder = coverage.Coverage.current()
    if recorder is not None:
        recorder.switch_context(item.nodeid)
    yield
    if recorder is not None:
        recorder.switch_context("")


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Add the duration of a test, without that of its fixtures, which other tests share."""
    if report.when == "call":
        _durations[report.nodeid] = report.duration


def pytest_sessionfinish() -> None:
    """Write the durations."""
    target = os.environ.get("MUTANTS_DURATIONS")
    if target:
        with open(target, "w", encoding="utf-8") as file:
            json.dump(_durations, file)
