"""Mutation testing, on a module of two functions of which one is tested."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.mutants.__main__ import ROOT
from tools.mutants.coverage_by_test import read_coverage, record_coverage
from tools.mutants.mutant_runs import environment_for, run_mutant
from tools.mutants.mutant_sample import draw_mutants, list_mutants, mutated_code

_CODE = """LIMIT = 3


def exceeds(count):
    return count > LIMIT


def falls_below(count):
    return count < LIMIT
"""
_TESTS = """from counting.limits import exceeds


def test_more_than_limit():
    assert exceeds(4)


def test_limit():
    assert not exceeds(3)
"""


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    (tmp_path / "counting").mkdir()
    (tmp_path / "counting" / "limits.py").write_text(_CODE, encoding="utf-8")
    (tmp_path / "test_limits.py").write_text(_TESTS, encoding="utf-8")
    return tmp_path


def environment(tree: Path) -> dict[str, str]:
    settings = environment_for(tree)
    return settings | {"PYTHONPATH": f"{settings['PYTHONPATH']}:{ROOT}"}


def test_tests_notice_changes_of_the_lines_that_they_run(tree: Path) -> None:
    record_coverage(tree, ["test_limits.py"], [tree / "counting"], environment(tree))
    coverage = read_coverage(tree)
    assert coverage.tests == 2
    mutants = [
        each for each in list_mutants(tree, tree / "counting") if "Gt_" in each.operator or "Lt_" in each.operator
    ]
    results = [run_mutant(tree, each, coverage) for each in mutants if each.operator.endswith(("_Eq", "_GtE"))]
    noticed = {result.mutant.lines for result in results if result.noticed}
    survived = {result.mutant.lines: result.total for result in results if not result.noticed}
    assert noticed == {(5,)}
    assert survived == {(9,): 2}, "no test runs the line, so all tests of the module are run"
    assert (tree / "counting" / "limits.py").read_text(encoding="utf-8") == _CODE


def test_no_bytecode_of_a_change_remains(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
    record_coverage(tree, ["test_limits.py"], [tree / "counting"], environment(tree))
    mutants = {each.lines: each for each in list_mutants(tree, tree / "counting") if each.operator.endswith("_Eq")}
    run_mutant(tree, mutants[5,], read_coverage(tree))
    assert not list((tree / "counting").rglob("limits.*.pyc"))


def test_failing_tests_are_rejected(tree: Path) -> None:
    (tree / "test_limits.py").write_text("def test_nothing():\n    assert False\n", encoding="utf-8")
    with pytest.raises(ValueError, match="the tests fail without a change"):
        record_coverage(tree, ["test_limits.py"], [tree / "counting"], environment(tree))


def test_sample_is_the_same_for_equal_seeds_and_changes_the_code(tree: Path) -> None:
    mutants = list_mutants(tree, tree / "counting")
    assert len(mutants) > 10
    assert draw_mutants(mutants, 5, 7) == draw_mutants(mutants, 5, 7) != draw_mutants(mutants, 5, 8)
    assert all(mutated_code(_CODE, each) != _CODE for each in mutants)


def test_imports_for_type_checking_are_not_changed(tree: Path) -> None:
    before = len(list_mutants(tree, tree / "counting"))
    imports = "from typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    from collections.abc import Sized\n"
    (tree / "counting" / "limits.py").write_text(imports + _CODE, encoding="utf-8")
    mutants = list_mutants(tree, tree / "counting")
    assert len(mutants) == before
    assert min(line for each in mutants for line in each.lines) == 5


def test_identity_is_not_changed_to_equality(tree: Path) -> None:
    code = "def is_first(member, first):\n    return member is first\n"
    (tree / "counting" / "limits.py").write_text(code, encoding="utf-8")
    changed = {
        mutated_code(code, each).split("member ", 2)[-1].strip() for each in list_mutants(tree, tree / "counting")
    }
    assert "is not first" in changed
    assert "== first" not in changed
