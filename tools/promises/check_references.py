"""Finds the checks that the registry of promises names, without running them.

A reference is one of the following:

- `tests/drs/test_recovery.py::test_name`, also with the ID of a parametrized case: `test_name[id]`
- `tests/rehearsals/sweep/test_invariants_catch_bugs.py`: every test of a file
- `invariant single-writer`, which every rehearsal checks
- `static check lock`, which `leeward validate` runs
- `make check: leeward.infra repeat`, a part of a command of that target
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Collection, Iterator
from functools import cache
from pathlib import Path

from tools.checks.python_sources import ROOT

_NODE_ID = re.compile(r"(?P<path>tests/[\w/]+\.py)(?:::(?P<name>test_\w+)(?:\[(?P<case>.+)\])?)?")
# A test with one of these marks doesn't fail when the promise is broken.
_INERT_MARKS = {"skip", "skipif", "xfail"}


class CheckFinder:
    """Tells whether the check of a reference exists. `invariants` and `static_checks` are the names that exist."""

    def __init__(self, invariants: Collection[str], static_checks: Collection[str], root: Path = ROOT) -> None:
        self._root = root
        self._invariants, self._static_checks = invariants, static_checks

    def find_problem(self, reference: str) -> str:
        """Return why the reference names no check that can fail, or an empty text."""
        kinds: dict[str, Callable[[str], bool]] = {
            "invariant ": self._invariants.__contains__,
            "static check ": self._static_checks.__contains__,
            "make check: ": lambda command: command in _check_commands(self._root),
        }
        for prefix, exists in kinds.items():
            if reference.startswith(prefix):
                return "" if exists(reference.removeprefix(prefix)) else f'there is no check "{reference}"'
        match = _NODE_ID.fullmatch(reference)
        if match is None:
            return f'"{reference}" is no reference to a check'
        tests = _tests_of(self._root / match["path"])
        if not tests or (match["name"] and match["name"] not in tests):
            return f'there is no test "{reference}"'
        return _test_problem(*tests[match["name"]], match["case"]) if match["name"] else ""


@cache
def _check_commands(root: Path) -> str:
    makefile = (root / "Makefile").read_text(encoding="utf-8")
    return re.split(r"^check:", makefile, maxsplit=1, flags=re.MULTILINE)[-1].split("\n\n")[0]


@cache
def _tests_of(path: Path) -> dict[str, tuple[ast.FunctionDef, dict[str, ast.expr]]]:
    """Return the test functions of a module by name, each with the values that the module assigns to names."""
    if not path.is_file():
        return {}
    body = ast.parse(path.read_text(encoding="utf-8")).body
    constants = {
        target.id: node.value
        for node in body
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(target, ast.Name)
    }
    functions = (node for node in body if isinstance(node, ast.FunctionDef))
    return {node.name: (node, constants) for node in functions if node.name.startswith("test_")}


def _test_problem(test: ast.FunctionDef, constants: dict[str, ast.expr], case: str | None) -> str:
    if _marks(test) & _INERT_MARKS:
        return f'the test "{test.name}" is skipped or expected to fail'
    if case and not _has_case(test, constants, case):
        return f'the test "{test.name}" has no case "{case}"'
    return ""


def _marks(test: ast.FunctionDef) -> set[str]:
    names = (ast.unparse(decorator).partition("(")[0] for decorator in test.decorator_list)
    return {name.removeprefix("pytest.mark.") for name in names if name.startswith("pytest.mark.")}


def _has_case(test: ast.FunctionDef, constants: dict[str, ast.expr], case: str) -> bool:
    """Return whether an ID can come from constants of `parametrize`, directly or by the name of a module's constant.

    pytest joins the IDs of several arguments with a hyphen.
    """
    values = sorted({re.escape(value) for value in _parameters(test, constants)}, key=len, reverse=True)
    return bool(values) and re.fullmatch(rf"(?:{'|'.join(values)})(?:-(?:{'|'.join(values)}))*", case) is not None


def _parameters(test: ast.FunctionDef, constants: dict[str, ast.expr]) -> Iterator[str]:
    for decorator in test.decorator_list:
        for node in ast.walk(decorator):
            values = ast.walk(constants[node.id]) if isinstance(node, ast.Name) and node.id in constants else [node]
            yield from (str(value.value) for value in values if isinstance(value, ast.Constant))
