"""Problems in documents: place, source line, caret, what was expected."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.cells import cell_len

from leeward.cli.screens.document_problems import format_problem, format_tally, show_problems
from leeward.state_machines.diagnostics.problems import DocumentProblem, Severity
from tests.cli.screens.rendering import console, plain_text
from tests.support.nonempty import nonempty

WARNING = Severity.WARNING


def render(problem: DocumentProblem, source: list[str], width: int = 80) -> list[str]:
    return [line.plain for line in format_problem(problem, source, width)]


def problem(line: int = 2, column: int = 9, **more: object) -> DocumentProblem:
    return DocumentProblem(Path("failover.yaml"), line, column, "unknown step kind 'lok'", **more)  # type: ignore[arg-type]


def test_problem_shows_place_source_line_caret_and_fix() -> None:
    lines = render(problem(expected="lock, preflight or wait", hint='did you mean "lock"?'), ["steps:", "  kind: lok"])
    assert lines == [
        "failover.yaml:2:9  unknown step kind 'lok'",
        "    2 |   kind: lok",
        "      |         ^",
        "    expected  lock, preflight or wait",
        '    hint      did you mean "lock"?',
    ]


def test_long_expected_list_is_indented_under_label() -> None:
    lines = render(problem(expected=" ".join(["alb.register"] * 12)), [], 80)
    assert len(lines) == 4
    assert lines[1].startswith("    expected  alb")
    assert all(line.startswith(" " * 14 + "alb") for line in nonempty(lines[2:]))
    assert max(map(len, lines)) <= 80


def test_warning_is_labeled_as_warning() -> None:
    assert render(problem(severity=WARNING), [])[0] == "failover.yaml:2:9  warning: unknown step kind 'lok'"


@pytest.mark.parametrize("line", ["\tkind: \tlok", "  \N{ROCKET} kind: lok", "  k\x1bind: lok"])
def test_caret_is_under_column_after_wide_characters(line: str) -> None:
    column = line.index("lok") + 1
    lines = render(problem(column=column), ["", line])
    assert cell_len(lines[1][: lines[1].index("lok")]) == lines[2].index("^")
    assert "\x1b" not in lines[1]


def test_long_source_line_is_cut_around_column() -> None:
    source = ["", "x" * 300 + " lok " + "y" * 300]
    lines = render(problem(column=302), source, 80)
    assert len(lines[1]) <= 80
    assert lines[1][lines[2].index("^") :].startswith("lok")
    assert "..." in lines[1]


@pytest.mark.parametrize(("line", "column"), [(99, 1), (0, 0), (2, 500)])
def test_place_beyond_end_of_file_is_shown(line: int, column: int) -> None:
    assert render(problem(line=line, column=column), ["a", "b"])[0].startswith(f"failover.yaml:{line}:{column}")


def test_unreadable_file_still_shows_problem(tmp_path: Path) -> None:
    binary = tmp_path / "binary.yaml"
    binary.write_bytes(b"\xff\xfe\x00kind: \x80\n")
    on = console()
    show_problems(
        on,
        [DocumentProblem(binary, 1, 1, "not UTF-8"), DocumentProblem(tmp_path / "gone.yaml", 1, 1, "does not exist")],
    )
    assert "not UTF-8" in plain_text(on)
    assert "does not exist" in plain_text(on)


def test_markup_in_message_is_shown_literally() -> None:
    on = console(width=200)
    show_problems(on, [DocumentProblem(Path("x.yaml"), 1, 1, "[bold]unknown[/bold] \x1b[31m :boom:")])
    assert "[bold]unknown[/bold]" in plain_text(on)
    assert "\x1b" not in plain_text(on)


def test_summary_counts_errors_and_warnings() -> None:
    assert format_tally([], 3).plain == "3 documents checked, no problems"
    assert format_tally([problem()], 1).plain == "1 error in 1 file; 1 document checked"
    assert format_tally([problem(), problem(3), problem(severity=WARNING)], 4).plain == (
        "2 errors and 1 warning in 1 file; 4 documents checked"
    )
