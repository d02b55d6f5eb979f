"""Replication has drained when every marker has arrived, and not before."""

from __future__ import annotations

from leeward.data import replication_markers
from tests.data.conftest import HERE, TABLE, THERE, Tables

KEYS = replication_markers.marker_keys("run-1#drain#1", 10)


def test_the_keys_are_the_same_whenever_they_are_asked_for() -> None:
    assert replication_markers.marker_keys("run-1#drain#1", 10) == KEYS
    assert len(set(KEYS)) == 10
    assert not set(KEYS) & set(replication_markers.marker_keys("run-1#drain#2", 10))


def test_markers_arrive_with_the_lag_and_can_be_deleted(tables: Tables) -> None:
    here, there = tables.client(HERE), tables.client(THERE)
    replication_markers.write_markers(here, TABLE, KEYS, tables.engine.clock.now())
    assert len(replication_markers.read_markers(here, TABLE, KEYS)) == 10
    assert replication_markers.read_markers(there, TABLE, KEYS) == {}
    tables.later(2)
    assert set(replication_markers.read_markers(there, TABLE, KEYS)) == set(KEYS)
    replication_markers.delete_markers(here, TABLE, KEYS)
    tables.later(2)
    assert replication_markers.read_markers(there, TABLE, KEYS) == {}


def test_a_paused_replication_is_not_drained(tables: Tables) -> None:
    tables.replication.pause("tickets")
    replication_markers.write_markers(tables.client(HERE), TABLE, KEYS, tables.engine.clock.now())
    tables.later(600)
    assert replication_markers.read_markers(tables.client(THERE), TABLE, KEYS) == {}
    tables.replication.resume("tickets")
    assert len(replication_markers.read_markers(tables.client(THERE), TABLE, KEYS)) == 10
