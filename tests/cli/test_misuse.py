"""Every command, misused in every way that a shell allows: exit code 2 and a message, never a traceback."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import typer
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leeward.cli.app import app
from leeward.cli.main import main


def commands(group: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Every command by its words."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, (*path, name))
        else:
            yield (*path, name)


root = typer.main.get_command(app)
COMMANDS = sorted(commands(root))
MISUSES = (
    ["--no-such-option"],
    ["--no-such-option=\udcff"],
    ["a", "b", "c", "d", "e", "f", "--", "--g"],
    ["--root"],
)


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_misused_command_exits_2_with_message(command: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    for misuse in MISUSES:
        if command == ("validate",) and not misuse[0].startswith("--"):
            continue  # it takes any number of paths
        code = main([*command, *misuse])
        output = capsys.readouterr()
        assert code == 2, f"{misuse}: {code}\n{output.out}{output.err}"
        assert output.err.strip(), misuse
        assert "Traceback" not in output.out + output.err


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.text(st.characters(exclude_characters="\x00"), min_size=1, max_size=12), min_size=1, max_size=3))
def test_unknown_command_exits_2_without_traceback(capsys: pytest.CaptureFixture[str], words: list[str]) -> None:
    if any(words[0] == name[0] for name in COMMANDS) or words[0].startswith("-"):
        words = ["nonsense", *words]
    assert main(words) == 2
    output = capsys.readouterr()
    assert "Traceback" not in output.out + output.err
