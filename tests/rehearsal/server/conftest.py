from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.served_twin import ServedTwin


@pytest.fixture(scope="session")
def calm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedTwin]:
    """A world in which nothing went wrong, at a standstill until a test lets time pass. Shared: leave it calm."""
    host = ServedTwin(lines=8, log=tmp_path_factory.mktemp("server") / "stderr")
    yield host
    host.close()


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedTwin]:
    """A world for this module only, in which us-east-1 fails after five minutes."""
    host = ServedTwin("--json", "--scenario", "region-dark", lines=1, log=tmp_path_factory.mktemp("server") / "stderr")
    yield host
    host.close()
