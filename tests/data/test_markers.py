"""Replication has drained when every marker has arrived, and not before."""

from __future__ import annotations

from leeward.data import replication_markers
from tests.data.conftest import HERE, TABLE, THERE, ReplicatedTables

KEYS = replication_markers.marker_keys("run-1#drain#1", 10)


def test_marker_keys_are_deterministic_per_step() -> None:
    assert replication_markers.marker_keys("run-1#drain#1", 10) == KEYS
    assert len(set(KEYS)) == 10
    assert not set(KEYS) & set(replication_markers.marker_keys("run-1#drain#2", 10))


def test_markers_replicate_after_lag_and_are_deleted(tables: ReplicatedTables) -> None:
    here, there = tables.client(HERE), tables.client(THERE)
    replication_markers.write_markers(here, TABLE, KEYS, tables.engine.clock.now())
    assert len(replication_markers.read_markers(here, TABLE, KEYS)) == 10
    assert replication_markers.read_markers(there, TABLE, KEYS) == {}
    tables.later(2)
    assert set(replication_markers.read_markers(there, TABLE, KEYS)) == set(KEYS)
    replication_markers.delete_markers(here, TABLE, KEYS)
    tables.later(2)
    assert replication_markers.read_markers(there, TABLE, KEYS) == {}


def test_paused_replication_delivers_no_markers(tables: ReplicatedTables) -> None:
    tables.replication.pause("tickets")
    replication_markers.write_markers(tables.client(HERE), TABLE, KEYS, tables.engine.clock.now())
    tables.later(600)
    assert replication_markers.read_markers(tables.client(THERE), TABLE, KEYS) == {}
    tables.replication.resume("tickets")
    assert len(replication_markers.read_markers(tables.client(THERE), TABLE, KEYS)) == 10
