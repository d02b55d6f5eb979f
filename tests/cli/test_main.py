"""The entry point: help, exit codes, and no traceback for anyone who did not ask for one."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from leeward.cli import app as app_module
from leeward.cli.errors.cli_error import CliError
from leeward.cli.main import main

REPOSITORY = Path(__file__).parents[2]


def leeward(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "leeward.cli", *arguments],
        cwd=REPOSITORY,
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> None:
    """A command that meets what no one foresaw: the one thing that no document can bring about."""

    def fail(**_: object) -> None:
        raise ZeroDivisionError("[bold]no[/bold]\nline two")

    monkeypatch.setattr(app_module, "app", fail)


def test_help_names_the_commands_and_the_exit_codes() -> None:
    told = leeward("--help")
    assert told.returncode == 0
    for words in ("rehearse", "validate", "compile", "Exit codes", "LEEWARD_DEBUG=1"):
        assert words in told.stdout


@pytest.mark.parametrize("command", ["rehearse", "validate", "compile"])
def test_each_commands_help_has_an_example_and_its_exit_codes(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([command, "--help"]) == 0
    out = capsys.readouterr().out
    assert f"leeward {command}" in out.split("Examples:")[1]
    assert "Exit codes: 0 " in out


def test_help_is_quick_because_it_imports_neither_the_twin_nor_the_compiler() -> None:
    code = (
        "import sys; from leeward.cli.main import main; main(['--help']); "
        "slow = {'moto', 'boto3', 'botocore', 'pydantic', 'ruamel.yaml', 'leeward.twin', 'leeward.state_machines'}; "
        "sys.exit(', '.join(sorted(slow & set(sys.modules))) or 0)"
    )
    told = subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stderr
    fastest = min(_seconds_of_help() for _ in range(3))
    assert fastest < 1.5, "of processor time: 0.2 s on an idle machine; the margin is for a busy one"


def _seconds_of_help() -> float:
    began = os.times()
    leeward("--help")
    ended = os.times()
    return ended.children_user - began.children_user + ended.children_system - began.children_system


@pytest.mark.parametrize("arguments", [["no-such-command"], ["validate", "--no-such-option"], ["rehearse"]])
def test_a_misuse_is_told_and_ends_with_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert "Usage: leeward" in told.err


@pytest.mark.usefixtures("broken")
def test_a_defect_is_one_line_that_says_its_kind_and_where_to_report_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["validate"]) == 70
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.count("\n") == 1
    assert "ZeroDivisionError: [bold]no[/bold] line two" in told.err
    assert "CONTRIBUTING.md" in told.err
    assert "LEEWARD_DEBUG=1" in told.err


@pytest.mark.usefixtures("broken")
def test_the_trace_is_shown_to_whoever_asks_for_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LEEWARD_DEBUG", "1")
    assert main(["validate"]) == 70
    assert "Traceback" in capsys.readouterr().err


@pytest.mark.parametrize(("raised", "code"), [(KeyboardInterrupt(), 130), (CliError("told", ["mend"]), 2)])
def test_what_ends_a_command_has_its_exit_code(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], raised: BaseException, code: int
) -> None:
    def fail(**_: object) -> None:
        raise raised

    monkeypatch.setattr(app_module, "app", fail)
    assert main([]) == code
    assert "Traceback" not in capsys.readouterr().err


def test_a_reader_that_goes_away_is_no_error_worth_a_trace() -> None:
    told = subprocess.run(
        ["/bin/bash", "-c", f"{sys.executable} -m leeward.cli validate --json | head -c 1; exit ${{PIPESTATUS[0]}}"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.stderr == ""
    assert told.returncode in (0, 141)


def test_an_encoding_that_lacks_our_signs_is_no_reason_to_fail() -> None:
    told = leeward("validate", "--help", PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert told.returncode == 0
    assert told.stdout.isascii()
