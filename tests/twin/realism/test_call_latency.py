"""Every AWS call of a function takes time, and no call of the simulation itself does."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from leeward.common.aws.clients import client
from leeward.twin.realism.call_latency import CallLatency
from leeward.twin.realism.realism_settings import Realism, RealismPart, SeededDraws
from tests.twin.engine.machines import REGION, elapsed, machine, open_engine, run_execution, task

LATENCY = Realism(frozenset({RealismPart.API_LATENCY}))


def _run_handler(body: Callable[[], Any], realism: Realism, seed: int = 7) -> float:
    """The virtual seconds of one invocation that does this."""

    def handler(event: Any, context: Any) -> None:
        body()

    with open_engine({"f": handler}, realism=realism, seed=seed) as opened:
        opened.client("dynamodb", REGION).list_tables()
        assert elapsed(opened) == 0
        run_execution(opened, machine("A", A=task("f")))
        return elapsed(opened)


def _describe_instances(times: int = 1, region: str = REGION) -> None:
    for _ in range(times):
        client("ec2", region).describe_instances(MaxResults=5)


def test_call_of_a_function_takes_time() -> None:
    assert _run_handler(_describe_instances, LATENCY) > 0.05
    assert _run_handler(_describe_instances, Realism.none()) == 0
    assert _run_handler(_describe_instances, Realism().without(RealismPart.API_LATENCY, RealismPart.COLD_STARTS)) == 0


def test_latency_depends_on_the_seed() -> None:
    assert _run_handler(_describe_instances, LATENCY) == _run_handler(_describe_instances, LATENCY)
    assert _run_handler(_describe_instances, LATENCY) != _run_handler(_describe_instances, LATENCY, seed=8)


def test_calls_in_a_row_add_up_until_the_function_times_out() -> None:
    seconds = _run_handler(lambda: _describe_instances(300), LATENCY)
    assert 300 * 0.1 < seconds < 300 * 0.4


def test_call_to_another_region_takes_longer() -> None:
    latency = CallLatency(SeededDraws(7, "latency"))

    def mean(caller: str, service: str, operation: str) -> float:
        return sum(latency.draw_seconds(caller, "us-east-1", service, operation) for _ in range(200)) / 200

    near, across, far = (mean(r, "dynamodb", "GetItem") for r in ("us-east-1", "us-west-2", "eu-west-1"))
    assert 0 < near < 0.02
    assert 0.06 < across < 0.15
    assert far > 0.15
    assert mean("us-east-1", "drs", "DescribeJobs") < mean("us-east-1", "drs", "StartRecovery")


@pytest.mark.parametrize("service", ["drs", "ec2", "elbv2", "route53", "dynamodb", "a-new-service"])
def test_no_service_is_instant_and_none_is_slower_than_a_fault(service: str) -> None:
    latency = CallLatency(SeededDraws(7, "latency"))
    seconds = [latency.draw_seconds(REGION, REGION, service, "PutSomething") for _ in range(500)]
    assert min(seconds) > 0.001
    assert max(seconds) <= timedelta(seconds=4).total_seconds()


def test_fixed_latency_replaces_the_drawn_one() -> None:
    fixed = Realism(frozenset(), call_seconds=0.2)
    assert _run_handler(lambda: _describe_instances(3), fixed) == pytest.approx(0.6)
    assert fixed.without(RealismPart.API_LATENCY).call_seconds == 0.2
