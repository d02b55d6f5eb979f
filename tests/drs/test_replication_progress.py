"""What a wait for replication tells the operators: which servers are behind, how far, and how long it will take."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from leeward.common.claims.types.server_claims import Replicating
from leeward.common.errors import ReplicationStalled
from leeward.common.polling import PollResult
from leeward.drs.api.models import SourceServer
from leeward.drs.api.states import ReplicationDirection
from leeward.drs.protection.replication_lag import LagTarget, SyncStatus, assess_sync, check_replication
from tests.drs.sample_records import NOW, server
from tests.drs.stub_clients import WEB, StubDrs

TARGET = LagTarget(timedelta(minutes=5))
GIB = 1024**3


def replicating(number: int, state: str = "CONTINUOUS", *, machine: str | None = None, **info: Any) -> SourceServer:
    return server(
        number,
        tags={"Name": f"web-{number}", "Role": "web"},
        dataReplicationInfo={"dataReplicationState": state} | info,
        sourceProperties={"identificationHints": {"awsInstanceID": machine} if machine else {}},
    )


def check(*servers: SourceServer, **more: Any) -> PollResult:
    drs: Any = StubDrs(servers)
    return check_replication(drs, [WEB], "eu-central-1", TARGET, NOW, **more)


def disk(replicated: float, total: float) -> dict[str, int]:
    return {"replicatedStorageBytes": int(replicated * GIB), "totalStorageBytes": int(total * GIB)}


@pytest.mark.parametrize(
    ("one", "text"),
    [
        (replicating(1), "CONTINUOUS, 0s behind"),
        (replicating(1, lagDuration="PT5M"), "CONTINUOUS, 5m behind"),
        (replicating(1, lagDuration="PT5M1S"), "5m1s behind, more than 5m"),
        (replicating(1, "INITIAL_SYNC"), "INITIAL_SYNC"),
        (replicating(1, "INITIAL_SYNC", replicatedDisks=[disk(0, 0)]), "INITIAL_SYNC"),
        (
            replicating(1, "INITIAL_SYNC", replicatedDisks=[disk(1, 4), disk(1.5, 6)]),
            "INITIAL_SYNC 2.5 of 10.0 GiB",
        ),
        (replicating(1, "BACKLOG", etaDateTime="2026-03-01T11:30:00Z"), "BACKLOG ETA 11:30"),
        (
            replicating(
                1,
                "RESCAN",
                replicatedDisks=[disk(1, 2)],
                etaDateTime="2026-03-01T11:30:00Z",
                dataReplicationError={"error": "AGENT_NOT_SEEN"},
            ),
            "RESCAN 1.0 of 2.0 GiB, ETA 11:30, AGENT_NOT_SEEN",
        ),
        (replicating(1, "STALLED"), "replication is STALLED"),
        (
            replicating(1, "STALLED", dataReplicationError={"error": "AGENT_NOT_SEEN", "rawError": "no contact"}),
            "replication is STALLED (AGENT_NOT_SEEN no contact)",
        ),
        (
            replicating(1, "STALLED", dataReplicationError={"error": "AGENT_NOT_SEEN"}),
            "replication is STALLED (AGENT_NOT_SEEN)",
        ),
    ],
)
def test_sync_of_one_server_is_described(one: SourceServer, text: str) -> None:
    assert assess_sync(one, TARGET, NOW)[1] == f"s-1 (web-1): {text}"


def test_missing_recovery_point_after_fence_is_described() -> None:
    status, text = assess_sync(replicating(1), LagTarget(timedelta(0), NOW), NOW)
    assert status is SyncStatus.BEHIND
    assert text == "s-1 (web-1): no recovery point after 10:00:00 yet"


@pytest.mark.parametrize(
    ("behind", "more"), [(1, None), (4, None), (5, None), (6, "and 1 more"), (7, "and 2 more"), (16, "and 11 more")]
)
def test_five_servers_that_are_behind_are_listed(behind: int, more: str | None) -> None:
    servers = [replicating(10 + n, "RESCAN") for n in range(behind)] + [replicating(90), replicating(91)]
    result = check(*servers)
    assert not result.done
    listed = [f"s-{10 + n} (web-{10 + n}): RESCAN" for n in range(min(behind, 5))]
    total = behind + 2
    assert result.detail.split("; ") == [
        f"2 of {total} servers in eu-central-1 in step",
        *listed,
        *([more] if more else []),
    ]


def test_servers_in_step_are_claimed_with_machines_and_worst_lag() -> None:
    result = check(
        replicating(1, lagDuration="PT4.6S", machine="i-1"),
        replicating(2, lagDuration="PT1S", machine="i-2"),
        replicating(3),
    )
    assert result.claims == (
        Replicating(region="eu-central-1", servers=3, machines={"i-1": "s-1", "i-2": "s-2"}, worst_lag_seconds=5),
    )


def test_halted_servers_fail_the_wait() -> None:
    with pytest.raises(ReplicationStalled) as failed:
        check(replicating(1, "STALLED"), replicating(2, "PAUSED"), replicating(3), replicating(4, "RESCAN"))
    assert str(failed.value) == (
        "s-1 (web-1): replication is STALLED; s-2 (web-2): replication is PAUSED: waiting does not fix this"
    )


@pytest.mark.parametrize(
    ("disks", "tenths"),
    [
        ([], 0),
        ([disk(0, 10)], 0),
        ([disk(0.9, 10)], 0),
        ([disk(1, 10)], 1),
        ([disk(5, 10), disk(5, 10)], 5),
        ([disk(1, 2), disk(9, 9)], 9),
    ],
)
def test_news_are_counts_states_and_tenths(disks: list[dict[str, int]], tenths: int) -> None:
    result = check(replicating(1, "INITIAL_SYNC", replicatedDisks=disks), replicating(2), replicating(3))
    assert result.news == f"1 behind, {tenths} tenths, [('CONTINUOUS', 2), ('INITIAL_SYNC', 1)]"


def test_next_poll_is_at_nine_tenths_of_latest_estimate() -> None:
    first = replicating(1, "BACKLOG", etaDateTime=(NOW + timedelta(minutes=10)).isoformat())
    last = replicating(2, "BACKLOG", etaDateTime=(NOW + timedelta(minutes=100)).isoformat())
    assert check(first, last, replicating(3)).ready_in_seconds == pytest.approx(5400)
    assert check(first, replicating(3)).ready_in_seconds == pytest.approx(540)
    assert check(replicating(1, "BACKLOG")).ready_in_seconds is None


def test_only_servers_of_the_direction_are_checked() -> None:
    back = replicating(2, "STALLED").model_copy(update={"direction": ReplicationDirection.FAILBACK})
    assert check(replicating(1), back, direction=ReplicationDirection.FAILOVER).done
