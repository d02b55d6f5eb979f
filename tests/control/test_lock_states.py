"""What the records of the lock and the guard mean for a run, holder by holder."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from leeward.common.errors import LockLost
from leeward.control.locking.application_lock import release_lock, require_lock
from leeward.control.locking.lock_records import LOCK_KEY, LockHolder, guard_key, item_from_holder, lock_partition_key
from leeward.control.run.run_reference import RunRef
from tests.support.task_world import ORIGIN, TARGET, TaskWorld, run_reference

RUN = RunRef.model_validate(run_reference())
AT = datetime(2026, 3, 1, 9, tzinfo=UTC)
# Names that come before and after that of the run, because names are compared.
OTHERS = ["a.failover.run-1", "zzz.failover.run-1"]
OWN_GUARD, OTHER_GUARD = guard_key(TARGET), guard_key(ORIGIN)


def store(world: TaskWorld, sk: str, run: str, home: str | None, *, seconds: int = 0, state: str | None = None) -> None:
    holder = LockHolder(run, AT + timedelta(seconds=seconds), home=home)
    world.table.put(item_from_holder(lock_partition_key("website"), sk, holder) | {"state": state})


def lost(world: TaskWorld) -> str:
    with pytest.raises(LockLost) as raised:
        require_lock(world.table, RUN)
    return str(raised.value)


def test_run_without_records_may_act(world: TaskWorld) -> None:
    require_lock(world.table, RUN)
    assert release_lock(world.table, RUN, lambda _region: world.table) == []


@pytest.mark.parametrize("home", [TARGET, None])
def test_lock_that_is_kept_here_decides(world: TaskWorld, home: str | None) -> None:
    store(world, LOCK_KEY, RUN.id, home)
    store(world, OWN_GUARD, OTHERS[0], ORIGIN)
    require_lock(world.table, RUN)
    for other in OTHERS:
        store(world, LOCK_KEY, other, home)
        since = "2026-03-01 09:00:00 UTC"
        assert lost(world) == f"run {other} has held the lock of website since {since}. This run stops"


@pytest.mark.parametrize("other", OTHERS)
def test_guard_of_another_run_stops_this_one(world: TaskWorld, other: str) -> None:
    store(world, OWN_GUARD, other, ORIGIN, state="locked")
    assert lost(world) == (f"run {other} has held the guard of us-west-2 since 2026-03-01 09:00:00 UTC. This run stops")


@pytest.mark.parametrize("state", ["locked", "waived", "a", "m", "z", None])
def test_guard_alone_is_not_the_lock(world: TaskWorld, state: str | None) -> None:
    store(world, OWN_GUARD, RUN.id, ORIGIN, state=state)
    if state in ("locked", "waived"):
        require_lock(world.table, RUN)
    else:
        assert lost(world) == "this run does not hold the lock of website in us-east-1"


@pytest.mark.parametrize(("seconds", "stops"), [(-1, False), (0, False), (1, True)])
@pytest.mark.parametrize("holder", [*OTHERS, RUN.id])
def test_later_replicated_lock_of_another_run_stops_this_one(
    world: TaskWorld, seconds: int, stops: bool, holder: str
) -> None:
    store(world, OWN_GUARD, RUN.id, ORIGIN, state="locked")
    store(world, LOCK_KEY, holder, ORIGIN, seconds=seconds)
    if stops and holder != RUN.id:
        assert lost(world) == (f"run {holder} acquired the lock of website at 2026-03-01 09:00:01 UTC. This run stops")
    else:
        require_lock(world.table, RUN)


@pytest.mark.parametrize("holder", [*OTHERS, RUN.id])
@pytest.mark.parametrize("home", [TARGET, None, ORIGIN])
def test_only_own_lock_of_this_region_is_released(world: TaskWorld, holder: str, home: str | None) -> None:
    store(world, LOCK_KEY, holder, home)
    lines = release_lock(world.table, RUN, lambda _region: world.table)
    own = holder == RUN.id and home != ORIGIN
    assert lines == (["the lock of website was released"] if own else [])
    assert (world.table.get(lock_partition_key("website"), LOCK_KEY) is None) is own


@pytest.mark.parametrize("holder", [*OTHERS, RUN.id])
@pytest.mark.parametrize(("state", "home"), [("locked", ORIGIN), ("waived", ORIGIN), (None, None)])
def test_guard_is_released_with_the_lock_in_its_home(
    world: TaskWorld, holder: str, state: str | None, home: str | None
) -> None:
    store(world, OWN_GUARD, holder, home, state=state)
    store(world, LOCK_KEY, RUN.id, ORIGIN)
    asked: list[str] = []

    def table_in(region: str) -> object:
        asked.append(region)
        return world.table

    lines = release_lock(world.table, RUN, table_in)  # type: ignore[arg-type]
    if holder != RUN.id:
        assert (lines, asked) == ([], [])
    elif state == "locked":
        assert lines == ["the lock of website in us-east-1 was released", "the guard of us-west-2 was released"]
        assert asked == [ORIGIN]
    else:
        assert (lines, asked) == (["the guard of us-west-2 was released"], [])


def test_guard_of_the_other_region_does_not_count(world: TaskWorld) -> None:
    store(world, OTHER_GUARD, OTHERS[0], TARGET, state="locked")
    require_lock(world.table, RUN)
