"""EC2 status checks: a fresh instance is not yet ok."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine

from leeward.twin.aws.moto_fixes import ec2_status_checks
from leeward.twin.realism.realism_settings import SeededDraws
from tests.twin.aws.drs_world import START, A, client

# A clock that the code under test reads: moto's EC2 asks the operating system.
FROZEN_START = time_machine.travel(START, tick=False)
INITIALIZING, PASSED = ("initializing",) * 3, ("ok",) * 3


@pytest.fixture(autouse=True)
def _drawn() -> Iterator[None]:
    ec2_status_checks.set_draws(SeededDraws(7, "status"))
    yield
    ec2_status_checks.set_draws(None)


def launch() -> str:
    started = client("ec2", A).run_instances(ImageId="ami-1", MinCount=1, MaxCount=1)
    return str(started["Instances"][0]["InstanceId"])


def statuses(instance_id: str) -> tuple[str, ...]:
    """The instance, system, and EBS checks of an instance."""
    (shown,) = client("ec2", A).describe_instance_status(InstanceIds=[instance_id])["InstanceStatuses"]
    return tuple(shown[check]["Status"] for check in ("InstanceStatus", "SystemStatus", "AttachedEbsStatus"))


def seconds_until_ok(clock: Any, instance_id: str) -> int:
    for second in range(300):
        if statuses(instance_id) == PASSED:
            return second
        assert statuses(instance_id) == INITIALIZING
        clock.shift(timedelta(seconds=1))
    raise AssertionError("the checks never passed")


def test_status_checks_take_about_two_minutes() -> None:
    with FROZEN_START as clock:
        times = [seconds_until_ok(clock, launch()) for _ in range(5)]
    assert min(times) >= 90
    assert max(times) <= 151
    assert len(set(times)) > 1


def test_restarted_instance_is_checked_again() -> None:
    ec2 = client("ec2", A)
    with FROZEN_START as clock:
        instance_id = launch()
        clock.shift(timedelta(minutes=10))
        assert statuses(instance_id) == PASSED
        ec2.stop_instances(InstanceIds=[instance_id])
        stopped = ec2.describe_instance_status(InstanceIds=[instance_id], IncludeAllInstances=True)
        assert stopped["InstanceStatuses"][0]["InstanceStatus"]["Status"] == "not-applicable"
        assert stopped["InstanceStatuses"][0]["AttachedEbsStatus"]["Status"] == "not-applicable"
        ec2.start_instances(InstanceIds=[instance_id])
        assert 90 <= seconds_until_ok(clock, instance_id) <= 151
        found = ec2.describe_instances(InstanceIds=[instance_id])["Reservations"][0]["Instances"][0]
        assert found["LaunchTime"] == START + timedelta(minutes=10)
        # Starting what runs is no new start.
        ec2.start_instances(InstanceIds=[instance_id])
        assert statuses(instance_id) == PASSED


def test_status_is_ok_at_once_without_draws() -> None:
    ec2_status_checks.set_draws(None)
    with FROZEN_START:
        assert statuses(launch()) == PASSED
