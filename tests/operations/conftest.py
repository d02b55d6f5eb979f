"""The command, and the served twin that it is pointed at."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import pytest

from leeward.cli.main import main
from tests.twin.server.hosting import REPOSITORY, Host

Leeward: TypeAlias = Callable[..., tuple[int, str]]


@pytest.fixture
def cache(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Of the names that the shell completes, one of the test's own; and the project as the current folder."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.chdir(REPOSITORY)


@pytest.fixture
def leeward(host: Host, cache: None, capsys: pytest.CaptureFixture[str]) -> Leeward:
    """The command, as `who`; its exit code and all that it printed."""

    def run(*args: str, who: str = "ann") -> tuple[int, str]:
        code = main([*args, "--twin", host.url, "--as", who])
        told = capsys.readouterr()
        return int(code), " ".join((told.out + told.err).split())

    return run
