"""Names complete in the shell, as a shell asks for them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from leeward.cli.main import main
from leeward.cli.project.shell_completion import cache_run_ids
from tests.support.served_twin import REPOSITORY

Complete = Callable[[str], list[str]]
WAITING, ENDED = "website.failover.20260301-090000", "website.drill.20260224-090000"


@pytest.fixture
def complete(cache: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Complete:
    """What bash is offered for the last word of a line."""

    def ask(line: str) -> list[str]:
        monkeypatch.setenv("_LEEWARD_COMPLETE", "complete_bash")
        monkeypatch.setenv("COMP_WORDS", line)
        monkeypatch.setenv("COMP_CWORD", str(len(line.split(" ")) - 1))
        assert main([]) == 0
        return capsys.readouterr().out.split()

    return ask


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("leeward wat", ["watch"]),
        ("leeward start web", ["website"]),
        ("leeward history ", ["ticketing", "website"]),
        ("leeward start website fail", ["failback", "failback-drill", "failover"]),
        ("leeward start nowhere ", []),
        ("leeward kinds arc", ["arc.route", "arc.routing_controls"]),
        ("leeward approve ", [WAITING]),
        ("leeward resume website.", [ENDED, WAITING]),
        ("leeward watch drill", ["drill.20260224-090000"]),
        ("leeward approve 0900", ["090000"]),
        ("leeward resume 2026022", ["20260224-090000"]),
        ("leeward watch nothing-like-it", []),
    ],
)
def test_completion_offers_matching_names(complete: Complete, line: str, offered: list[str]) -> None:
    cache_run_ids([WAITING, ENDED], [WAITING])
    assert sorted(complete(line)) == offered


def test_completion_is_empty_outside_project_without_cache(
    complete: Complete, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    assert complete("leeward start web") == []
    assert complete("leeward approve ") == []


def test_completion_script_works_in_bash(tmp_path: Path) -> None:
    """The script that `--show-completion` prints, in the shell that it is for."""
    command = tmp_path / "leeward"
    command.write_text(f'#!/bin/sh\nexec {sys.executable} -m leeward.cli "$@"\n')
    command.chmod(0o755)
    script = (
        f'PATH={tmp_path}:$PATH; eval "$(leeward --show-completion bash)"; '
        'COMP_WORDS=(leeward start web); COMP_CWORD=2; _leeward_completion leeward; echo "${COMPREPLY[@]}"'
    )
    given = {"_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1", "PATH": "/usr/bin:/bin"}
    done = subprocess.run(
        ["bash", "-c", script], cwd=REPOSITORY, env=given, capture_output=True, text=True, check=False
    )
    assert done.stdout.strip() == "website", done.stderr
