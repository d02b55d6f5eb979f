"""The entry point: help, exit codes, and no traceback for anyone who did not ask for one."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from leeward.cli import app as app_module
from leeward.cli.errors.cli_error import CliError
from leeward.cli.main import main
from tests.support.paths import REPOSITORY


def run_leeward(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
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


def test_help_lists_commands_and_exit_codes() -> None:
    output = run_leeward("--help")
    assert output.returncode == 0
    for words in ("rehearse", "validate", "compile", "Exit codes", "LEEWARD_DEBUG=1"):
        assert words in output.stdout


@pytest.mark.parametrize("command", ["rehearse", "validate", "compile"])
def test_command_help_has_example_and_exit_codes(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([command, "--help"]) == 0
    out = capsys.readouterr().out
    assert f"leeward {command}" in out.split("Examples:")[1]
    assert "Exit codes: 0 " in out


def test_help_is_fast_and_imports_no_twin_or_compiler() -> None:
    code = (
        "import sys; from leeward.cli.main import main; main(['--help']); "
        "slow = {'moto', 'boto3', 'botocore', 'pydantic', 'ruamel.yaml', 'leeward.twin', 'leeward.state_machines'}; "
        "sys.exit(', '.join(sorted(slow & set(sys.modules))) or 0)"
    )
    output = subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert output.returncode == 0, output.stderr
    fastest = min(_seconds_of_help() for _ in range(3))
    assert fastest < 1.5, "of processor time: 0.2 s on an idle machine; the margin is for a busy one"


def _seconds_of_help() -> float:
    began = os.times()
    run_leeward("--help")
    ended = os.times()
    return ended.children_user - began.children_user + ended.children_system - began.children_system


@pytest.mark.parametrize("arguments", [["no-such-command"], ["validate", "--no-such-option"], ["rehearse"]])
def test_misuse_prints_usage_and_exits_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert "Usage: leeward" in output.err


@pytest.mark.usefixtures("broken")
def test_unexpected_error_prints_one_line_with_report_address(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["validate"]) == 70
    output = capsys.readouterr()
    assert output.out == ""
    assert output.err.count("\n") == 1
    assert "ZeroDivisionError: [bold]no[/bold] line two" in output.err
    assert "CONTRIBUTING.md" in output.err
    assert "LEEWARD_DEBUG=1" in output.err


@pytest.mark.usefixtures("broken")
def test_debug_variable_shows_traceback(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("LEEWARD_DEBUG", "1")
    assert main(["validate"]) == 70
    assert "Traceback" in capsys.readouterr().err


@pytest.mark.parametrize(("raised", "code"), [(KeyboardInterrupt(), 130), (CliError("told", ["mend"]), 2)])
def test_interrupt_and_cli_error_have_exit_codes(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], raised: BaseException, code: int
) -> None:
    def fail(**_: object) -> None:
        raise raised

    monkeypatch.setattr(app_module, "app", fail)
    assert main([]) == code
    assert "Traceback" not in capsys.readouterr().err


def test_closed_pipe_ends_without_traceback() -> None:
    output = subprocess.run(
        ["/bin/bash", "-c", f"{sys.executable} -m leeward.cli validate --json | head -c 1; exit ${{PIPESTATUS[0]}}"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    assert output.stderr == ""
    assert output.returncode in (0, 141)


def test_help_works_with_ascii_encoding() -> None:
    output = run_leeward("validate", "--help", PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert output.returncode == 0
    assert output.stdout.isascii()
