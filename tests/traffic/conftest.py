from collections.abc import Iterator

import pytest

from tests.lambdas.world import START, World, open_world


@pytest.fixture
def world() -> Iterator[World]:
    """Two web servers and a database, replicating since yesterday."""
    with open_world() as made:
        made.servers("web-1", "web-2", "database")
        made.engine.clock.sleep((START - made.engine.clock.now()).total_seconds())
        yield made
