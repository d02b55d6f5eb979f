"""What the comparison of routings measures, and what it holds a variant to."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from leeward.cli.screens.routing_variants import format_row
from leeward.rehearsal.clients.page_clients import ClientRequest
from leeward.rehearsal.results.result_models import LostWriteReport, WritesReport
from leeward.rehearsal.runner.routing_comparison import VariantReport, seconds_until_all_left

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
HERE, THERE = "eu-west-1", "ap-southeast-1"


def client_request(second: int, client: int, served_by: str | None) -> ClientRequest:
    return ClientRequest(NOW + timedelta(seconds=second), client, served_by)


@pytest.mark.parametrize(
    ("seen", "seconds"),
    [
        ([client_request(1, 0, THERE), client_request(2, 1, THERE)], 0),
        (
            [
                client_request(1, 0, None),
                client_request(3, 0, None),
                client_request(5, 0, THERE),
                client_request(20, 0, THERE),
            ],
            5,
        ),
        ([client_request(1, 0, HERE), client_request(30, 0, HERE), client_request(50, 0, THERE)], 30),
        (
            [
                client_request(1, 0, None),
                client_request(2, 1, None),
                client_request(9, 1, THERE),
                client_request(40, 0, THERE),
            ],
            40,
        ),
        ([client_request(1, 0, None), client_request(2, 1, THERE), client_request(60, 1, THERE)], 61),
        ([client_request(1, 0, HERE), client_request(60, 0, HERE)], 61),
    ],
    ids=["nobody was there", "served again", "still answered", "the last one counts", "never", "never left"],
)
def test_evacuation_time_ends_with_last_user(seen: list[ClientRequest], seconds: float) -> None:
    assert seconds_until_all_left(seen, {HERE}, NOW) == seconds


def report(measured: float = 49, lost_before: float | None = None, twice: list[int] | None = None) -> VariantReport:
    lost = [] if lost_before is None else [lost_write(lost_before)]
    writes = WritesReport(
        sent=90, acknowledged=88, acknowledged_by={HERE: 88}, lost=lost, duplicated=twice or [], diverged=[],
        overwritten=0, unseen_reads=0,
    )  # fmt: skip
    return VariantReport(
        scenario="region-dark", variant="failover", choose="", depends_on="", detection_seconds=30, ttl_seconds=12,
        overrun_seconds=5, connection_seconds=8, timeout_seconds=5, retry_seconds=3, lag_seconds=1,
        measured_seconds=measured, downtime_seconds=40, requests=100, failed=20,
        writes=writes,
    )  # fmt: skip


def lost_write(before: float) -> LostWriteReport:
    return LostWriteReport(number=73, region=HERE, acknowledged_at=NOW, before_incident_seconds=before)


def test_variant_is_held_to_time_and_write_limits() -> None:
    assert report(63).is_within_bound
    assert not report(64).is_within_bound
    assert report(lost_before=1).is_within_bound
    assert not report(lost_before=1.5).is_within_bound, "acknowledged longer ago than the replication lag"
    assert not report(twice=[7]).is_within_bound


def test_lost_writes_are_listed() -> None:
    assert format_row(report(lost_before=1)) == ("region-dark", "failover", "1m3s", "49s", "20 of 100", "73", "none")
