"""What a task does just before and at the end of the time that it may wait."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from leeward.common.errors import LockUnknown, ServiceUnavailable
from leeward.common.polling import PollResult
from leeward.control.locking import application_lock
from leeward.data import region_switch
from leeward.data.region_switch import SwitchCopies, SwitchState
from leeward.drs.recovery.wave_recovery import WaveRecovery
from tests.support.task_world import TaskFailed, TaskWorld, recover_parameters


def call(world: TaskWorld, task: str, elapsed: int, **parameters: Any) -> dict[str, Any]:
    """Call the task that many seconds after the start of its step, which times out after 1000 s."""
    began = world.engine.clock.now() - timedelta(seconds=elapsed)
    poll = {"first_seconds": 60, "longest_seconds": 60, "timeout_seconds": 1000, "attempt": 1, "waited_seconds": 1000}
    event = world.event("step.kind", **parameters) | {"poll": poll | {"started_at": began.isoformat()}}
    return dict(world.call(task, event))


@pytest.mark.parametrize(("elapsed", "waits"), [(0, True), (45, True), (999, True), (1000, False)])
def test_unknown_lock_fails_when_the_time_of_the_step_is_up(
    world: TaskWorld, monkeypatch: pytest.MonkeyPatch, elapsed: int, waits: bool
) -> None:
    def acquire(*_args: object, **_more: object) -> None:
        raise LockUnknown("no response")

    monkeypatch.setattr(application_lock, "acquire_lock", acquire)
    if waits:
        assert call(world, "lock_acquire", elapsed, application="website")["detail"] == "no response"
    else:
        with pytest.raises(TaskFailed, match="LockUnknown: no response"):
            call(world, "lock_acquire", elapsed, application="website")


@pytest.mark.parametrize(("elapsed", "last"), [(0, False), (500, False), (997, False), (998, True), (1000, True)])
def test_recovery_is_in_its_last_poll_two_seconds_before_the_timeout(
    world: TaskWorld, monkeypatch: pytest.MonkeyPatch, elapsed: int, last: bool
) -> None:
    seen: list[bool] = []

    def advance(*_args: object, is_last: bool) -> PollResult:
        seen.append(is_last)
        return PollResult(False, "at work")

    monkeypatch.setattr(WaveRecovery, "advance", advance)
    call(world, "drs_recover", elapsed, **recover_parameters())
    assert seen == [last]


@pytest.mark.parametrize("if_unreachable", ["fail", "defer"])
@pytest.mark.parametrize("unreachable", ["us-east-1", "us-west-2"])
@pytest.mark.parametrize(("elapsed", "waits"), [(0, True), (29, True), (30, False), (31, False)])
def test_unreachable_copy_of_switch_is_tried_for_half_a_minute(
    world: TaskWorld,
    monkeypatch: pytest.MonkeyPatch,
    *,
    elapsed: int,
    waits: bool,
    unreachable: str,
    if_unreachable: str,
) -> None:
    """The Region's own copy can be deferred. That of the other Region is not needed."""
    (other,) = {"us-east-1", "us-west-2"} - {unreachable}
    copies = SwitchCopies({other: SwitchState()}, {unreachable: ServiceUnavailable("down")})
    monkeypatch.setattr(region_switch, "apply_switch", lambda *_: copies)
    parameters = {"table": {"name": "t", "partition": "id"}, "region": "us-west-2", "other_region": "us-east-1"}
    given: dict[str, Any] = parameters | {"writes": "fenced", "if_unreachable": if_unreachable}
    progress = call(world, "api_switch", elapsed, **given)
    if not waits and unreachable == "us-west-2" and if_unreachable == "fail":
        assert progress["detail"] == "ServiceUnavailable: down; will be tried again"
    else:
        assert progress["status"] == ("waiting" if waits else "done")
        assert progress["memo"] == (unreachable if waits else None)
