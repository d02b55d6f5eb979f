"""Replication has drained when every marker has arrived, and not before."""

from __future__ import annotations

from leeward.data import markers
from tests.data.conftest import HERE, TABLE, THERE, Tables

KEYS = markers.names("run-1#drain#1", 10)


def test_the_keys_are_the_same_whenever_they_are_asked_for() -> None:
    assert markers.names("run-1#drain#1", 10) == KEYS
    assert len(set(KEYS)) == 10
    assert not set(KEYS) & set(markers.names("run-1#drain#2", 10))


def test_markers_arrive_with_the_lag_and_can_be_deleted(tables: Tables) -> None:
    here, there = tables.client(HERE), tables.client(THERE)
    markers.put(here, TABLE, KEYS, tables.engine.clock.now())
    assert len(markers.written(here, TABLE, KEYS)) == 10
    assert markers.written(there, TABLE, KEYS) == {}
    tables.later(2)
    assert set(markers.written(there, TABLE, KEYS)) == set(KEYS)
    markers.delete(here, TABLE, KEYS)
    tables.later(2)
    assert markers.written(there, TABLE, KEYS) == {}


def test_a_paused_replication_is_not_drained(tables: Tables) -> None:
    tables.replication.pause("tickets")
    markers.put(tables.client(HERE), TABLE, KEYS, tables.engine.clock.now())
    tables.later(600)
    assert markers.written(tables.client(THERE), TABLE, KEYS) == {}
    tables.replication.resume("tickets")
    assert len(markers.written(tables.client(THERE), TABLE, KEYS)) == 10
