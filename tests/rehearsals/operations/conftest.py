"""The command, and the served twin that it is pointed at."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias

import pytest

from leeward.cli.main import main
from tests.support.served_twin import ServedTwin

Leeward: TypeAlias = Callable[..., tuple[int, str]]


@pytest.fixture
def leeward(host: ServedTwin, cache: None, capsys: pytest.CaptureFixture[str]) -> Leeward:
    """The command, as `who`; its exit code and all that it printed."""

    def run(*args: str, who: str = "ann") -> tuple[int, str]:
        code = main([*args, "--twin", host.url, "--as", who])
        output = capsys.readouterr()
        return int(code), " ".join((output.out + output.err).split())

    return run


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedTwin]:
    """A world for this module only, in which us-east-1 fails after five minutes."""
    host = ServedTwin("--json", "--scenario", "region-dark", lines=1, log=tmp_path_factory.mktemp("server") / "stderr")
    yield host
    host.close()
