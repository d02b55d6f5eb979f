"""Replication and its snapshots as functions of the clock: darkness, stalls, healing, first copies."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from botocore.exceptions import ClientError

from leeward.twin.aws.drs import DrsQuotas, SourceServer
from leeward.twin.aws.drs.conventions.drs_errors import ServiceQuotaExceededException
from tests.twin.aws.drs_world import A, B, DrsTestWorld, error_code


def state(world: DrsTestWorld, server: SourceServer) -> str:
    return str(world.replication(server)["dataReplicationState"])


def snapshots(world: DrsTestWorld, server: SourceServer) -> list[str]:
    pages = world.b.get_paginator("describe_recovery_snapshots").paginate(sourceServerID=server.server_id)
    return [item["expectedTimestamp"] for page in pages for item in page["items"]]


def test_protected_server_is_continuous_with_lag(world: DrsTestWorld) -> None:
    server = world.protect(steady_lag_seconds=12)
    info = world.replication(server)
    assert (info["dataReplicationState"], info["lagDuration"]) == ("CONTINUOUS", "PT12S")
    assert "dataReplicationError" not in info
    shown = world.server(server.server_id)
    assert (shown["replicationDirection"], shown["sourceCloudProperties"]["originRegion"]) == ("FAILOVER", A)
    world.drs.set_lag(server.server_id, 400)
    assert world.replication(server)["lagDuration"] == "PT6M40S"


def test_outage_stalls_replication_after_five_minutes(world: DrsTestWorld) -> None:
    server = world.protect(steady_lag_seconds=10)
    other = world.drs.add_source_server(B, "elsewhere", "eu-west-1", "i-0123456789abcdef0")
    world.drs.lose_origin_region(A)
    world.clock.advance(minutes=4, seconds=59)
    assert (state(world, server), world.replication(server)["lagDuration"]) == ("CONTINUOUS", "PT5M9S")
    assert world.drs.list_events() == []
    world.clock.advance(seconds=1)
    info = world.replication(server)
    assert (info["dataReplicationState"], info["dataReplicationError"]) == ("STALLED", {"error": "AGENT_NOT_SEEN"})
    assert world.server(server.server_id)["lifeCycle"]["lastSeenByServiceDateTime"] == "2026-03-01T09:00:00.000Z"
    assert [(e.detail_type, e.detail) for e in world.drs.list_events()] == [
        ("DRS Source Server Data Replication Stalled Change", {"state": "STALLED"})
    ]
    assert state(world, other) == "CONTINUOUS"


def test_replication_catches_up_after_outage(world: DrsTestWorld) -> None:
    server = world.protect(steady_lag_seconds=10)
    world.drs.lose_origin_region(A)
    world.clock.advance(minutes=30)
    world.drs.restore_origin_region(A)
    assert world.drs.list_events()[-1].detail == {"state": "NOT_STALLED"}
    seen = []
    for _ in range(30):
        info = world.replication(server)
        seen.append((info["dataReplicationState"], info["lagDuration"]))
        world.clock.advance(seconds=20)
    states = list(dict.fromkeys(s for s, _ in seen))
    assert states == ["RESCAN", "BACKLOG", "CONTINUOUS"]
    # The last consistent data stay what they were until it is in step again.
    assert seen[0] == ("RESCAN", "PT30M10S")
    assert max(lag for s, lag in seen if s == "BACKLOG") > "PT31M"
    assert seen[-1] == ("CONTINUOUS", "PT10S")


def test_short_outage_is_not_a_stall(world: DrsTestWorld) -> None:
    server = world.protect()
    world.drs.lose_origin_region(A)
    world.clock.advance(minutes=2)
    world.drs.restore_origin_region(A)
    assert state(world, server) == "RESCAN"
    world.clock.advance(hours=1)
    assert (state(world, server), world.drs.list_events()) == ("CONTINUOUS", [])


def test_injected_stall_outlasts_outage(world: DrsTestWorld) -> None:
    server = world.protect()
    world.drs.stall_replication(server.server_id, "UNSTABLE_NETWORK")
    assert world.replication(server)["dataReplicationError"] == {"error": "UNSTABLE_NETWORK"}
    world.drs.lose_origin_region(A)
    world.clock.advance(minutes=10)
    world.drs.restore_origin_region(A)
    assert state(world, server) == "STALLED"
    world.drs.resume_replication(server.server_id)
    assert state(world, server) == "RESCAN"
    world.clock.advance(hours=1)
    assert state(world, server) == "CONTINUOUS"


def test_healing_unstalled_server_changes_nothing(world: DrsTestWorld) -> None:
    server = world.protect()
    world.drs.resume_replication(server.server_id)
    assert state(world, server) == "CONTINUOUS"
    with pytest.raises(KeyError):
        world.drs.resume_replication("s-00000000000000000")


def test_initial_sync_goes_through_states(world: DrsTestWorld) -> None:
    server = world.protect(synced=False)
    info = world.replication(server)
    assert (info["dataReplicationState"], "lagDuration" in info) == ("INITIATING", False)
    seen = []
    for _ in range(100):
        seen.append(state(world, server))
        world.clock.advance(seconds=29)
    assert list(dict.fromkeys(seen)) == ["INITIATING", "INITIAL_SYNC", "CREATING_SNAPSHOT", "CONTINUOUS"]
    eta = datetime.fromisoformat(info["etaDateTime"])
    assert timedelta(minutes=30) < eta - datetime.fromisoformat("2026-03-01T09:00:00Z") < timedelta(minutes=45)


def test_initial_sync_pauses_during_outage(world: DrsTestWorld) -> None:
    server = world.protect(synced=False)
    world.clock.advance(minutes=20)
    done = world.replication(server)["replicatedDisks"][0]["replicatedStorageBytes"]
    assert 0 < done < 8 * 1024**3
    world.drs.lose_origin_region(A)
    world.clock.advance(hours=10)
    info = world.replication(server)
    assert info["replicatedDisks"][0]["replicatedStorageBytes"] == done
    assert "etaDateTime" not in info
    world.drs.restore_origin_region(A)
    assert state(world, server) == "INITIAL_SYNC"
    world.clock.advance(minutes=30)
    assert state(world, server) == "CONTINUOUS"


def test_server_added_during_outage_is_stalled(world: DrsTestWorld) -> None:
    world.drs.lose_origin_region(A)
    server = world.drs.add_source_server(B, "late", A, "i-0123456789abcdef0")
    world.clock.advance(minutes=6)
    assert state(world, server) == "STALLED"


def test_snapshots_follow_retention_policy(world: DrsTestWorld) -> None:
    server = world.protect()
    world.clock.advance(minutes=3)
    taken = [datetime.fromisoformat(t) for t in snapshots(world, server)]
    now = world.clock.now()
    last_hour = [t for t in taken if t > now - timedelta(hours=1)]
    assert [t.minute for t in last_hour] == [10, 20, 30, 40, 50, 0]
    last_day = [t for t in taken if now - timedelta(hours=24) < t <= now - timedelta(hours=1)]
    assert len(last_day) == 23
    assert {t.minute for t in last_day} == {0}
    older = [t for t in taken if t <= now - timedelta(hours=24)]
    assert [t.hour for t in older] == [0] * 6
    assert taken == sorted(taken)


def test_snapshots_stop_during_outage_and_newest_is_kept(world: DrsTestWorld) -> None:
    server = world.protect()
    world.drs.lose_origin_region(A)
    world.clock.advance(hours=2)
    assert max(snapshots(world, server)) == "2026-03-01T09:00:00.000Z"
    world.clock.advance(days=30)
    assert snapshots(world, server) == ["2026-03-01T09:00:00.000Z"]
    world.drs.restore_origin_region(A)
    world.clock.advance(hours=1)
    assert len(snapshots(world, server)) > 2


def test_retention_policy_can_be_changed(world: DrsTestWorld) -> None:
    server = world.protect()
    policy = [
        {"ruleID": 1, "units": "MINUTE", "interval": 10, "retentionDuration": 60, "enabled": False},
        {"ruleID": 2, "units": "HOUR", "interval": 1, "retentionDuration": 3, "enabled": True},
        {"ruleID": 3, "units": "DAY", "interval": 1, "retentionDuration": 7, "enabled": False},
    ]
    world.b.update_replication_configuration(sourceServerID=server.server_id, pitPolicy=policy)
    assert len(snapshots(world, server)) == 3
    assert world.b.get_replication_configuration(sourceServerID=server.server_id)["pitPolicy"] == policy


def test_snapshots_can_be_filtered_and_ordered(world: DrsTestWorld) -> None:
    server = world.protect()
    world.clock.advance(minutes=3)
    filters = {"fromDateTime": "2026-03-01T08:30:00Z", "toDateTime": "2026-03-01T08:50:00Z"}
    answer = world.b.describe_recovery_snapshots(sourceServerID=server.server_id, filters=filters, order="DESC")
    assert [i["expectedTimestamp"][11:16] for i in answer["items"]] == ["08:50", "08:40", "08:30"]
    with pytest.raises(ClientError) as error:
        world.b.describe_recovery_snapshots(sourceServerID="s-00000000000000000")
    assert error_code(error.value) == "ValidationException"


def test_stop_deletes_snapshots_and_start_resyncs(world: DrsTestWorld) -> None:
    server = world.protect()
    assert snapshots(world, server)
    stopped = world.b.stop_replication(sourceServerID=server.server_id)["sourceServer"]
    assert stopped["dataReplicationInfo"]["dataReplicationState"] == "STOPPED"
    assert snapshots(world, server) == []
    with pytest.raises(world.b.exceptions.ConflictException):
        world.b.stop_replication(sourceServerID=server.server_id)
    started = world.b.start_replication(sourceServerID=server.server_id)["sourceServer"]
    assert started["dataReplicationInfo"]["dataReplicationState"] == "INITIATING"
    with pytest.raises(world.b.exceptions.ConflictException):
        world.b.start_replication(sourceServerID=server.server_id)
    world.clock.advance(hours=2)
    assert state(world, server) == "CONTINUOUS"
    # None from before the stop came back: the first copy was complete half an hour or more after nine.
    assert min(snapshots(world, server)) > "2026-03-01T09:30"


def test_stopped_server_stays_stopped_after_outage(world: DrsTestWorld) -> None:
    server = world.protect()
    world.drs.lose_origin_region(A)
    world.b.stop_replication(sourceServerID=server.server_id)
    world.clock.advance(minutes=10)
    world.drs.restore_origin_region(A)
    assert state(world, server) == "STOPPED"
    assert world.drs.list_events() == []


def test_retry_requires_stopped_replication(world: DrsTestWorld) -> None:
    server = world.protect()
    with pytest.raises(ClientError) as error:
        world.b.retry_data_replication(sourceServerID=server.server_id)
    assert error_code(error.value) == "ValidationException"
    world.b.stop_replication(sourceServerID=server.server_id)
    world.b.retry_data_replication(sourceServerID=server.server_id)
    assert state(world, server) == "INITIATING"


def test_replicating_servers_are_limited_by_quota() -> None:
    world = DrsTestWorld(quotas=DrsQuotas(replicating_servers=1))
    server = world.protect("one")
    with pytest.raises(ServiceQuotaExceededException):
        world.protect("two")
    world.b.stop_replication(sourceServerID=server.server_id)
    assert world.protect("two")
