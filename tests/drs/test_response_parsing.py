"""Answers of DRS, EC2 and job logs: read strictly where they decide something."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from leeward.common.aws.responses import parse_response
from leeward.common.errors import SurprisingAnswer
from leeward.drs.api.models import LogItem, Snapshot, SourceServer
from leeward.drs.inventory.recovery_jobs import failure_reason, job_attempt, launch_jobs
from leeward.drs.inventory.recovery_points import newest_snapshot
from tests.drs.sample_records import job


@pytest.mark.parametrize(
    ("replication", "output"),
    [
        ({"dataReplicationState": "CLONING"}, "dataReplicationInfo.dataReplicationState is 'CLONING'"),
        ({"dataReplicationState": "STALLED", "lagDuration": "soon"}, "dataReplicationInfo.lagDuration is 'soon'"),
        ({}, "dataReplicationInfo.dataReplicationState is {}"),
    ],
)
def test_unknown_value_is_named_with_its_path(replication: dict[str, str], output: str) -> None:
    answer = {"sourceServerID": "s-1", "dataReplicationInfo": replication}
    with pytest.raises(SurprisingAnswer, match=f"drs:DescribeSourceServers: {output}"):
        parse_response(SourceServer, answer, "drs:DescribeSourceServers")


def test_unused_new_member_is_ignored() -> None:
    answer = {"sourceServerID": "s-1", "dataReplicationInfo": {"dataReplicationState": "STALLED", "mood": "low"}}
    assert parse_response(SourceServer, answer, "x").label == "s-1"


def log(*items: tuple[str, str | None, str | None]) -> list[LogItem]:
    return [
        LogItem.model_validate({"event": event, "eventData": {"sourceServerID": server, "rawError": error}})
        for event, server, error in items
    ]


@pytest.mark.parametrize(
    ("items", "output"),
    [
        ([("LAUNCH_START", "s-1", None), ("LAUNCH_FAILED", "s-1", "no capacity")], "LAUNCH_FAILED: no capacity"),
        ([("LAUNCH_FAILED", "s-2", "no subnet"), ("LAUNCH_FAILED", "s-1", "x")], "LAUNCH_FAILED: x"),
        ([("SNAPSHOT_FAIL", "s-1", "a"), ("LAUNCH_FAILED", "s-1", "b")], "LAUNCH_FAILED: b"),
        ([("JOB_CANCEL", None, "gone")], "JOB_CANCEL: gone"),
        ([("SERVER_SKIPPED", "s-1", None)], "SERVER_SKIPPED, and the job log gives no reason"),
        ([("SOMETHING_NEW", "s-1", "new")], "SOMETHING_NEW: new"),
        ([], "the job log gives no reason"),
    ],
)
def test_failure_reason_comes_from_job_log(items: list[tuple[str, str | None, str | None]], output: str) -> None:
    assert failure_reason(log(*items), "s-1") == output


def test_own_job_of_unknown_type_is_rejected() -> None:
    with pytest.raises(SurprisingAnswer, match="b, which run r started, has the unknown type 'SOMETHING_NEW'"):
        launch_jobs([job("a", {}), job("b", {}, type="SOMETHING_NEW")], "r")
    assert launch_jobs([job("b", {}, run="other", type="SOMETHING_NEW")], "r") == []


def test_launch_jobs_are_matched_by_run_tag() -> None:
    jobs = [job("a", {}), job("b", {}, run="other"), job("c", {}, type="TERMINATE"), job("d", {}, tags={})]
    assert [j.id for j in launch_jobs(jobs, "r")] == ["a"]
    assert [j.id for j in launch_jobs(jobs, "r", "another step")] == []
    assert job_attempt(jobs[3]) == 0


NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def snapshot(name: str, minutes: float | None) -> Snapshot:
    at = None if minutes is None else (NOON + timedelta(minutes=minutes)).isoformat()
    return Snapshot.model_validate({"snapshotID": name, "timestamp": at})


def test_point_in_time_selects_newest_completed_snapshot_before_it() -> None:
    found = [snapshot("later", 1), snapshot("unfinished", None), snapshot("old", -60), snapshot("new", -10)]
    chosen = newest_snapshot(found, NOON)
    assert chosen is not None
    assert chosen.id == "new"
    exact = newest_snapshot([snapshot("exact", 0)], NOON)
    assert exact is not None
    assert newest_snapshot([snapshot("later", 1)], NOON) is None
