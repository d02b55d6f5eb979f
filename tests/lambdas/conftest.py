from collections.abc import Iterator

import pytest

from tests.support.task_world import START, TaskWorld, open_task_world


@pytest.fixture
def world() -> Iterator[TaskWorld]:
    """Two web servers and a database, replicating since yesterday."""
    with open_task_world() as made:
        made.servers("web-1", "web-2", "database")
        made.engine.clock.sleep((START - made.engine.clock.now()).total_seconds())
        yield made
