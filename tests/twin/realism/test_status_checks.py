"""A new instance is initializing for about two minutes, unless that part of realistic time is off."""

from __future__ import annotations

import pytest

from leeward.twin.realism.realism_settings import Realism, RealismPart
from tests.twin.engine.machines import REGION, open_engine


def seconds_until_ok(realism: Realism, seed: int = 7) -> int:
    """How long the checks of a new instance take."""
    with open_engine(realism=realism, seed=seed) as opened:
        ec2 = opened.client("ec2", REGION)
        instance_id = ec2.run_instances(ImageId="ami-1", MinCount=1, MaxCount=1)["Instances"][0]["InstanceId"]
        for second in range(300):
            (shown,) = ec2.describe_instance_status(InstanceIds=[instance_id])["InstanceStatuses"]
            if shown["AttachedEbsStatus"]["Status"] == "ok":
                return second
            opened.clock.sleep(1)
    raise AssertionError("the checks never passed")


def test_status_checks_can_be_turned_off() -> None:
    assert seconds_until_ok(Realism().without(RealismPart.STATUS_CHECKS)) == 0


@pytest.mark.parametrize("seed", [7, 8])
def test_status_checks_take_about_two_minutes(seed: int) -> None:
    seconds = seconds_until_ok(Realism(), seed)
    assert 90 <= seconds <= 150
    assert seconds_until_ok(Realism(), seed) == seconds


def test_duration_depends_on_seed() -> None:
    assert seconds_until_ok(Realism(), 7) != seconds_until_ok(Realism(), 8)
