"""What the retirement of copies does to each server, and what it says about failures."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from leeward.common.claims.types.server_claims import Terminated
from leeward.drs.api.models import Job
from leeward.drs.cleanup.retire_copies import CopyRetirement, DrsRegion
from leeward.drs.inventory.recovery_jobs import CONVERT_JOB, LAUNCH_JOB, TERMINATE_JOB
from tests.drs.sample_records import LATER, NOW, ended_job, instance, job, protecting, server
from tests.drs.stub_clients import WEB, StubDrs, StubEc2, refused


def retirement(
    count: int = 1, *, jobs: tuple[Job, ...] = (), copies: bool = True, way: str | None = "STOPPED", **more: Any
) -> tuple[CopyRetirement, StubDrs, StubDrs]:
    """Servers whose machines i-1, ... serve in Region a, with copies i-11, ... in Region b."""
    numbers = range(1, count + 1)
    copy_drs = StubDrs(
        [protecting(n, f"i-{n}") for n in numbers],
        [instance(n, ec2InstanceID=f"i-{10 + n}", recoveryInstanceID=f"ri-{10 + n}") for n in numbers if copies],
        jobs,
        **more,
    )
    ways = [
        server(100 + n, way, replicationDirection="FAILBACK", reversedDirectionSourceServerArn=f"arn:b{n}")
        for n in numbers
        if way
    ]
    serving_drs = StubDrs(ways, [instance(n, sourceServerID=f"s-{100 + n}") for n in numbers if way])
    serving = StubEc2({f"i-{n}": "running" for n in numbers})
    copy_ec2 = StubEc2({f"i-{10 + n}": "running" for n in numbers if copies})
    made: Any = (copy_drs, copy_ec2, serving_drs, serving)
    regions = DrsRegion("b", made[0], made[1]), DrsRegion("a", made[2], made[3])
    return CopyRetirement(*regions, [WEB], timedelta(hours=2)), copy_drs, serving_drs


TERMINATING = "terminating its recovery instance"


@pytest.mark.parametrize(
    ("count", "more"), [(1, None), (5, None), (6, "and 1 more"), (7, "and 2 more"), (16, "and 11 more")]
)
def test_five_servers_with_copies_are_listed(count: int, more: str | None) -> None:
    retiring, drs, _ = retirement(count)
    result = retiring.advance(LATER)
    ids = sorted(f"s-{n}" for n in range(1, count + 1))[:5]
    assert result.detail.split("; ") == [
        f"0 of {count} machines have no copy left in b",
        *(f"{i} (web-{i[2:]}): {TERMINATING}" for i in ids),
        *([more] if more else []),
    ]
    assert len(drs.changes) == count, "of all, not only of those that are listed"


def test_servers_without_copies_are_counted() -> None:
    retiring, copy_drs, serving_drs = retirement(3)
    copy_drs.instances, serving_drs.servers = copy_drs.instances[:1], serving_drs.servers[:1]
    assert retiring.advance(LATER).detail.startswith("2 of 3 machines have no copy left in b; s-1 (web-1): ")
    done = retirement(3, copies=False, way=None)[0].advance(LATER)
    assert done.claims == (Terminated(what="retired copies", region="b", machines=3),)


@pytest.mark.parametrize("kind", [LAUNCH_JOB, TERMINATE_JOB, CONVERT_JOB])
@pytest.mark.parametrize("status", ["PENDING", "LAUNCHED", "FAILED", "TERMINATED"])
def test_failed_termination_is_shown(kind: str, status: str) -> None:
    failed = ended_job("j", {1: status}, type=kind, creationDateTime=NOW.isoformat())
    logs = {"j": [{"event": "TERMINATE_FAIL", "eventData": {"sourceServerID": "s-1", "rawError": "denied"}}]}
    detail = retirement(2, jobs=(failed,), logs=logs)[0].advance(NOW + timedelta(minutes=1)).detail
    shown = kind == TERMINATE_JOB and status == "FAILED"
    assert (" (retrying: j failed: TERMINATE_FAIL: denied)" in detail) is shown
    assert detail.count("retrying") == shown


def test_only_last_termination_counts_while_a_copy_is_idle() -> None:
    times = [(NOW + timedelta(minutes=n)).isoformat() for n in range(2)]
    first = ended_job("j1", {1: "FAILED"}, type=TERMINATE_JOB, creationDateTime=times[0])
    last = ended_job("j2", {1: "TERMINATED"}, type=TERMINATE_JOB, creationDateTime=times[1])
    again = job("j2", {1: "PENDING"}, type=TERMINATE_JOB, creationDateTime=times[1])
    now = NOW + timedelta(minutes=5)
    assert "retrying: j1" in retirement(jobs=(first,))[0].advance(now).detail
    assert "retrying" not in retirement(jobs=(first, last))[0].advance(now).detail
    busy = retirement(jobs=(first, again))[0].advance(now).detail
    assert busy.endswith("s-1 (web-1): its recovery instance is being terminated")
    assert "retrying" not in retirement(jobs=(first,), copies=False)[0].advance(now).detail


def test_job_of_more_than_an_hour_ago_does_not_count() -> None:
    failed = ended_job("j", {1: "FAILED"}, type=TERMINATE_JOB, creationDateTime=NOW.isoformat())
    assert "retrying" in retirement(jobs=(failed,))[0].advance(NOW + timedelta(hours=1)).detail
    assert "retrying" not in retirement(jobs=(failed,))[0].advance(NOW + timedelta(hours=1, seconds=1)).detail


@pytest.mark.parametrize("code", ["ConflictException", "ThrottlingException", "ResourceNotFoundException"])
def test_action_that_can_be_repeated_is_left_to_the_next_poll(code: str) -> None:
    retiring, drs, _ = retirement(2, answers={"terminate_recovery_instances": refused(code)})
    result = retiring.advance(LATER)
    assert result.detail.count("; looking again") == 2
    assert result.ready_in_seconds == 50
    assert len(drs.changes) == 2


@pytest.mark.usefixtures("used_up_call")
def test_retirement_continues_with_next_poll_when_call_is_used_up() -> None:
    retiring, drs, _ = retirement(2)
    result = retiring.advance(LATER)
    assert result.detail.split("; ")[1:] == [f"s-{n} (web-{n}): continues with the next poll" for n in (1, 2)]
    assert drs.changes == []
