"""Storms: faults at random on every call of two callers at once. However it ends, no server was started twice."""

from __future__ import annotations

from random import Random

import pytest

from leeward.twin.engine import FaultKind
from tests.support.task_world import TaskFailed, TaskWorld, recover_parameters

CALLS = (
    "drs:StartRecovery", "drs:DescribeJobs", "drs:DescribeSourceServers", "drs:DescribeRecoveryInstances",
    "dynamodb:PutItem", "dynamodb:TransactWriteItems", "dynamodb:Query",
    "ec2:DescribeInstances", "ec2:DescribeInstanceStatus",
)  # fmt: skip
FAULTS = [f for f in FaultKind if f not in (FaultKind.ACCESS_DENIED, FaultKind.CREDENTIALS_EXPIRED)]


ONE_GROUP, ONE_WAVE, TWO_WAVES = (("web",),), (("web", "database"),), (("database",), ("web",))


@pytest.mark.parametrize(
    ("waves", "servers", "seed"),
    [
        *((ONE_GROUP, 2, seed) for seed in range(6)),
        *((ONE_WAVE, 3, seed) for seed in range(6)),
        *((TWO_WAVES, 3, seed) for seed in range(6)),
    ],
)
def test_random_faults_never_launch_a_server_twice(
    world: TaskWorld, waves: tuple[tuple[str, ...], ...], servers: int, seed: int
) -> None:
    random = Random(seed)
    for _ in range(random.randint(2, 8)):
        world.engine.interceptor.inject_fault(
            random.choice(CALLS), random.choice(FAULTS), nth=random.randint(1, 6), times=random.randint(1, 5)
        )
    ends: list[str] = []

    def caller() -> None:
        try:
            world.run_until_done(
                "drs_recover", longest=30, **recover_parameters(*waves, max_servers_per_job=random.randint(1, 2))
            )
            ends.append("done")
        except TaskFailed as failed:
            ends.append(failed.error)

    world.engine.clock.call_later(random.choice([0, 0.3, 11]), caller)
    caller()
    world.advance(3600)
    assert len(ends) == 2
    started = world.started_servers()  # none, when no call that starts a job got through
    assert len(set(started)) == len(started), (ends, started)
    if ends == ["done", "done"]:
        assert len(world.started_servers()) == servers
