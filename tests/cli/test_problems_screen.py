"""Problems in documents: place, source line, caret, what was expected."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.cells import cell_len

from leeward.cli.screens.problems import format_problem, format_tally, show_problems
from leeward.state_machines.diagnostics.problems import DocumentProblem, Severity
from tests.cli.rendering import console, written

WARNING = Severity.WARNING


def drawn(problem: DocumentProblem, source: list[str], width: int = 80) -> list[str]:
    return [line.plain for line in format_problem(problem, source, width)]


def problem(line: int = 2, column: int = 9, **more: object) -> DocumentProblem:
    return DocumentProblem(Path("failover.yaml"), line, column, "unknown step kind 'lok'", **more)  # type: ignore[arg-type]


def test_the_place_comes_first_then_the_line_with_a_caret_then_what_to_do() -> None:
    lines = drawn(problem(expected="lock, preflight or wait", hint='did you mean "lock"?'), ["steps:", "  kind: lok"])
    assert lines == [
        "failover.yaml:2:9  unknown step kind 'lok'",
        "    2 |   kind: lok",
        "      |         ^",
        "    expected  lock, preflight or wait",
        '    hint      did you mean "lock"?',
    ]


def test_a_long_list_of_what_was_expected_hangs_beneath_its_label() -> None:
    lines = drawn(problem(expected=" ".join(["alb.register"] * 12)), [], 80)
    assert len(lines) == 4
    assert lines[1].startswith("    expected  alb")
    assert all(line.startswith(" " * 14 + "alb") for line in lines[2:])
    assert max(map(len, lines)) <= 80


def test_a_warning_says_that_it_is_one() -> None:
    assert drawn(problem(severity=WARNING), [])[0] == "failover.yaml:2:9  warning: unknown step kind 'lok'"


@pytest.mark.parametrize("line", ["\tkind: \tlok", "  \N{ROCKET} kind: lok", "  k\x1bind: lok"])
def test_the_caret_stands_under_the_column_whatever_stands_before_it(line: str) -> None:
    column = line.index("lok") + 1
    lines = drawn(problem(column=column), ["", line])
    assert cell_len(lines[1][: lines[1].index("lok")]) == lines[2].index("^")
    assert "\x1b" not in lines[1]


def test_a_long_line_is_cut_around_the_column() -> None:
    source = ["", "x" * 300 + " lok " + "y" * 300]
    lines = drawn(problem(column=302), source, 80)
    assert len(lines[1]) <= 80
    assert lines[1][lines[2].index("^") :].startswith("lok")
    assert "..." in lines[1]


@pytest.mark.parametrize(("line", "column"), [(99, 1), (0, 0), (2, 500)])
def test_a_place_beyond_the_file_is_told_without_fail(line: int, column: int) -> None:
    assert drawn(problem(line=line, column=column), ["a", "b"])[0].startswith(f"failover.yaml:{line}:{column}")


def test_files_that_cannot_be_read_still_have_their_problems_shown(tmp_path: Path) -> None:
    binary = tmp_path / "binary.yaml"
    binary.write_bytes(b"\xff\xfe\x00kind: \x80\n")
    on = console()
    show_problems(
        on,
        [DocumentProblem(binary, 1, 1, "not UTF-8"), DocumentProblem(tmp_path / "gone.yaml", 1, 1, "does not exist")],
    )
    assert "not UTF-8" in written(on)
    assert "does not exist" in written(on)


def test_markup_in_a_message_is_shown_and_never_obeyed() -> None:
    on = console(width=200)
    show_problems(on, [DocumentProblem(Path("x.yaml"), 1, 1, "[bold]unknown[/bold] \x1b[31m :boom:")])
    assert "[bold]unknown[/bold]" in written(on)
    assert "\x1b" not in written(on)


def test_the_count_at_the_end() -> None:
    assert format_tally([], 3).plain == "3 documents checked, no problems"
    assert format_tally([problem()], 1).plain == "1 error in 1 file; 1 document checked"
    assert format_tally([problem(), problem(3), problem(severity=WARNING)], 4).plain == (
        "2 errors and 1 warning in 1 file; 4 documents checked"
    )
