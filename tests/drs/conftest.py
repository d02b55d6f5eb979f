from collections.abc import Iterator

import pytest

from leeward.common.task_calls import call_time
from tests.support.task_world import START, TaskWorld, open_task_world


@pytest.fixture
def world() -> Iterator[TaskWorld]:
    """Two web servers and a database, replicating since yesterday."""
    with open_task_world() as made:
        made.servers("web-1", "web-2", "database")
        made.engine.clock.sleep((START - made.engine.clock.now()).total_seconds())
        yield made


@pytest.fixture
def used_up_call(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A call of a task that has no time left for another server."""
    monkeypatch.setattr(call_time, "_SLICE_SECONDS", -1.0)
    with call_time.measure_call():
        yield
        assert call_time.has_left_work()
