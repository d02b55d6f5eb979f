"""Each invariant still counts something in each committed runbook in which it counted something before."""

from __future__ import annotations

import pytest

from leeward.rehearsal.invariants import list_invariants
from leeward.rehearsal.runner.single_rehearsal import play_run
from leeward.rehearsal.sweep.sweep_setup import SweepTarget, open_sweep_session
from tests.support.nonempty import nonempty
from tests.support.paths import REPOSITORY
from tools.invariant_table import (
    NOT_APPLICABLE,
    PAGE,
    VIOLATED,
    cells_of,
    list_table_samples,
    measure_row,
    read_table,
    render_page,
)
from tools.sample_figures import Sample

SAMPLES = nonempty(list_table_samples())
QUICK = Sample("website", "drill")
# Every runbook keeps these promises.
ALWAYS = {"truth", "bounded"}


def name_of(sample: Sample) -> str:
    return f"{sample.application} {sample.runbook}"


def lost_cells(before: dict[str, str], now: dict[str, str]) -> list[str]:
    """The invariants that counted something before, and don't now."""
    return [name for name, cell in before.items() if cell != NOT_APPLICABLE and now[name] in (NOT_APPLICABLE, VIOLATED)]


def test_table_lists_every_runbook_and_invariant_without_violation() -> None:
    table = read_table()
    assert list(table) == [name_of(sample) for sample in SAMPLES]
    assert PAGE.read_text(encoding="utf-8") == render_page(table)
    for row in table.values():
        assert set(row) == {invariant.name for invariant in list_invariants()}
        assert VIOLATED not in row.values()
        assert {name for name in ALWAYS if row[name] != NOT_APPLICABLE} == ALWAYS


def test_each_invariant_counts_something_in_some_runbook() -> None:
    table = read_table()
    counting = {name for row in table.values() for name, cell in row.items() if cell != NOT_APPLICABLE}
    assert counting == {invariant.name for invariant in list_invariants()}


def test_each_drill_and_each_move_of_users_is_judged() -> None:
    table = read_table()
    drills = nonempty([name for name in table if "drill" in name])
    assert [name for name in drills if table[name]["drill-isolation"] == NOT_APPLICABLE] == []
    moves = nonempty([name for name in table if "fail" in name and "drill" not in name])
    assert [name for name in moves if table[name]["served"] == NOT_APPLICABLE] == []


@pytest.mark.parametrize("cell", [NOT_APPLICABLE, VIOLATED])
def test_cell_that_drops_to_nothing_is_reported(cell: str) -> None:
    row = dict(read_table()[name_of(QUICK)])
    assert lost_cells(row, row) == []
    assert lost_cells(row, {**row, "truth": cell}) == ["truth"]


@pytest.mark.parametrize("runbook", ["drill", "failover"])
def test_run_with_short_waits_counts_what_the_table_counts(runbook: str) -> None:
    with open_sweep_session(SweepTarget(REPOSITORY, "website", runbook, 7)) as (session, ready):
        result = play_run(session, ready, "trial", {})[1]
    assert lost_cells(dict(read_table()[f"website {runbook}"]), dict(cells_of(result))) == []


@pytest.mark.verify("a complete rehearsal of each runbook")
@pytest.mark.parametrize("sample", SAMPLES, ids=name_of)
def test_rehearsal_counts_what_the_table_counts(sample: Sample) -> None:
    assert lost_cells(dict(read_table()[name_of(sample)]), dict(measure_row(sample))) == []
