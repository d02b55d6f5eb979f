"""The budgets of calls, transitions, events, payload, and time of an invocation."""

from __future__ import annotations

import tempfile
from functools import lru_cache
from pathlib import Path

import pytest

from leeward.rehearsal.runner.single_rehearsal import rehearse
from tests.support.paths import REPOSITORY
from tools.performance.budgets import BUDGETS, FLEET_CALL_SECONDS, Budget, Figures, find_problems
from tools.performance.configurations import Configuration
from tools.performance.measurement import measure, result_figures
from tools.performance.performance_page import budget_table

SAMPLES = [budget for budget in BUDGETS if isinstance(budget.rehearsal, str)]
FLEETS = [budget for budget in BUDGETS if isinstance(budget.rehearsal, Configuration)]


def parameters(budgets: list[Budget]) -> list[object]:
    """The budgets, those that are missed today as strictly expected failures."""
    return [
        pytest.param(
            budget,
            id=f"{budget.subject}: {budget.what}",
            marks=[pytest.mark.xfail(reason=budget.missed_because, raises=AssertionError)]
            if budget.missed_because
            else [],
        )
        for budget in budgets
    ]


@lru_cache(maxsize=8)
def figures_of(rehearsal: str | Configuration) -> Figures:
    if isinstance(rehearsal, Configuration):
        return measure(rehearsal, FLEET_CALL_SECONDS)
    application, runbook = rehearsal.split()
    with tempfile.TemporaryDirectory() as folder:
        return result_figures(rehearse(REPOSITORY, application, runbook, history_dir=Path(folder)))


def assert_within(budget: Budget) -> None:
    figures = figures_of(budget.rehearsal)
    assert find_problems(figures) == []
    assert budget.measure(figures) <= budget.limit


@pytest.mark.parametrize("budget", parameters(SAMPLES))
def test_sample_runbook_is_within_its_budget(budget: Budget) -> None:
    assert_within(budget)


@pytest.mark.verify("300 servers")
@pytest.mark.parametrize("budget", parameters(FLEETS))
def test_300_servers_are_within_their_budget(budget: Budget) -> None:
    assert_within(budget)


def test_failed_run_meets_no_budget() -> None:
    failed = {"outcome": "failed", "error": "Sandbox.Timedout", "unmet_steps": ["Recover"]}
    assert find_problems(failed) == ["the run failed with Sandbox.Timedout", "the step 'Recover' was not done"]
    assert find_problems({"outcome": "succeeded", "error": None, "unmet_steps": []}) == []


def test_page_has_the_table_of_budgets() -> None:
    page = (REPOSITORY / "docs" / "generated" / "performance.md").read_text(encoding="utf-8")
    assert "\n".join(budget_table()) in page, "run `python -m tools.performance --page`"
