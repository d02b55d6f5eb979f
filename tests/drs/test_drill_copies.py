"""Which copies belong to a drill, and the next step of each."""

from __future__ import annotations

from typing import Any

import pytest

from leeward.common.errors import NotProtected, NotReady
from leeward.common.polling import PollResult
from leeward.drs.api.models import Job, RecoveryInstance
from leeward.drs.cleanup.drill_cleanup import DrillCleanup
from tests.drs.sample_records import ended_job, instance, protecting, server
from tests.drs.stub_clients import WEB, StubDrs, refused

LABEL = "s-101 (copy-1)"


def drill(
    state: str = "CONTINUOUS",
    *,
    run: str | None = "r",
    direction: str = "FAILBACK",
    instances: tuple[RecoveryInstance, ...] = (),
    copies: tuple[RecoveryInstance, ...] = (),
    jobs: tuple[Job, ...] = (),
    **more: Any,
) -> tuple[PollResult, StubDrs]:
    tags = {"Name": "copy-1"} | ({"leeward:run": run} if run else {})
    copy = server(
        101,
        state,
        tags=tags,
        replicationDirection=direction,
        reversedDirectionSourceServerArn="arn:b1",
        sourceProperties={"identificationHints": {"awsInstanceID": "i-1"}},
    )
    stub = StubDrs([copy], copies, **more)
    own: Any = stub
    other: Any = StubDrs([protecting(1, "i-0")], instances, jobs)
    return DrillCleanup(own, "a", other, "b", [WEB], ["r"]).advance(), stub


@pytest.mark.parametrize(
    ("state", "change", "text"),
    [
        ("CONTINUOUS", "stop_replication", "its replication was stopped"),
        ("STALLED", "stop_replication", "its replication was stopped"),
        ("STOPPED", "disconnect_source_server", "disconnected"),
        ("DISCONNECTED", "delete_source_server", "deleted"),
    ],
)
def test_copy_of_drill_takes_its_next_step(state: str, change: str, text: str) -> None:
    result, drs = drill(state)
    assert drs.changes == [(change, {"sourceServerID": "s-101"})]
    assert (result.done, result.detail) == (False, f"{LABEL}: {text}")


@pytest.mark.parametrize(
    ("direction", "run", "is_drill", "job_run", "own"),
    [
        ("FAILBACK", "r", False, None, True),
        ("FAILOVER", "r", False, None, False),
        ("FAILBACK", "other", False, None, False),
        ("FAILBACK", None, True, "r", True),
        ("FAILBACK", None, True, "other", False),
        ("FAILBACK", None, False, "r", False),
    ],
)
def test_copy_belongs_to_the_run_by_tag_or_by_drill_instance(
    direction: str, run: str | None, is_drill: bool, job_run: str | None, own: bool
) -> None:
    launched = () if job_run is None else (instance(1, isDrill=is_drill),)
    jobs = () if job_run is None else (ended_job("j", {1: "LAUNCHED"}, run=job_run),)
    result, drs = drill(direction=direction, run=run, instances=launched, jobs=jobs)
    assert result.done is not own
    assert bool(drs.changes) is own


def test_copy_of_serving_instance_is_not_deleted() -> None:
    with pytest.raises(NotProtected) as kept:
        drill(instances=(instance(1),))
    assert str(kept.value) == f"{LABEL} is the copy of i-1, which is not a drill instance: it is not deleted"
    assert drill(instances=(instance(1, isDrill=True),))[1].changes
    assert drill(instances=(instance(1, state="TERMINATED"),))[1].changes


def test_copy_with_running_instances_is_not_deleted() -> None:
    def launched(number: int, state: str = "RUNNING") -> RecoveryInstance:
        return instance(number, state=state, sourceServerID="s-101")

    with pytest.raises(
        NotReady, match=r"^terminate i-7, i-8 in a first: a copy is not deleted while its instance runs"
    ):
        drill(copies=(launched(7), launched(8), launched(9, "TERMINATED")))
    assert drill(copies=(launched(9, "TERMINATED"),))[1].changes


@pytest.mark.parametrize("code", ["ConflictException", "ResourceNotFoundException"])
def test_step_of_drill_copy_that_can_be_repeated_is_left_to_next_poll(code: str) -> None:
    result, _ = drill("STOPPED", answers={"disconnect_source_server": refused(code)})
    assert result.detail.startswith(f"{LABEL}: drs:DisconnectSourceServer: {code}")
    assert result.detail.endswith("; looking again")


@pytest.mark.usefixtures("used_up_call")
def test_drill_copies_continue_with_next_poll_when_call_is_used_up() -> None:
    result, drs = drill()
    assert (result.detail, drs.changes) == (f"{LABEL}: continues with the next poll", [])
