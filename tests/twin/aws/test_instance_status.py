"""EC2 status checks: a fresh instance is not yet ok."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine

from leeward.twin.aws.moto_fixes import moto_fix_installer
from tests.twin.aws.drs_world import START, A, client

# A clock that the code under test reads: moto's EC2 asks the operating system.
FROZEN_START = time_machine.travel(START, tick=False)


@pytest.fixture(autouse=True)
def _fixed() -> None:
    moto_fix_installer.install_all()
    moto_fix_installer.install_all()


def statuses(instance_id: str) -> tuple[str, str]:
    (shown,) = client("ec2", A).describe_instance_status(InstanceIds=[instance_id])["InstanceStatuses"]
    return shown["InstanceStatus"]["Status"], shown["SystemStatus"]["Status"]


def test_status_checks_take_two_minutes() -> None:
    ec2 = client("ec2", A)
    with FROZEN_START as clock:
        instance_id = ec2.run_instances(ImageId="ami-1", MinCount=1, MaxCount=1)["Instances"][0]["InstanceId"]
        assert statuses(instance_id) == ("initializing", "initializing")
        clock.shift(timedelta(seconds=119))
        assert statuses(instance_id) == ("initializing", "initializing")
        clock.shift(timedelta(seconds=1))
        assert statuses(instance_id) == ("ok", "ok")


def test_restarted_instance_is_checked_again() -> None:
    ec2 = client("ec2", A)
    with FROZEN_START as clock:
        instance_id = ec2.run_instances(ImageId="ami-1", MinCount=1, MaxCount=1)["Instances"][0]["InstanceId"]
        clock.shift(timedelta(minutes=10))
        ec2.stop_instances(InstanceIds=[instance_id])
        stopped = ec2.describe_instance_status(InstanceIds=[instance_id], IncludeAllInstances=True)
        assert stopped["InstanceStatuses"][0]["InstanceStatus"]["Status"] == "not-applicable"
        ec2.start_instances(InstanceIds=[instance_id])
        assert statuses(instance_id) == ("initializing", "initializing")
        found = ec2.describe_instances(InstanceIds=[instance_id])["Reservations"][0]["Instances"][0]
        assert found["LaunchTime"] == START + timedelta(minutes=10)
        clock.shift(timedelta(minutes=2))
        # Starting what runs is no new start.
        ec2.start_instances(InstanceIds=[instance_id])
        assert statuses(instance_id) == ("ok", "ok")
