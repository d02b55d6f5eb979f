"""A function that dies before a call has done nothing of the call, and one that dies after it has done all of it."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from leeward.common.aws.clients import client
from leeward.twin.engine import Engine, FaultKind
from leeward.twin.realism.realism_settings import Realism, RealismPart
from tests.twin.engine.machines import REGION, elapsed, machine, open_engine, run_execution, task

LATENCY = Realism(frozenset({RealismPart.API_LATENCY}))
RATE_LIMITS = Realism(frozenset({RealismPart.API_RATE_LIMITS}))
ROUTE53_CAPACITY = 5


def _list_zones(event: Any, context: Any) -> None:
    client("route53", REGION, allow_retries=False).list_hosted_zones()


def _count_accepted(opened: Engine) -> int:
    """How many calls at once Route 53 accepts now."""
    accepted: list[bool] = []

    def handler(event: Any, context: Any) -> None:
        for _ in range(2 * ROUTE53_CAPACITY):
            try:
                _list_zones(event, context)
                accepted.append(True)
            except ClientError:
                accepted.append(False)

    opened.functions.register(REGION, "f", handler, latency_seconds=0, timeout_seconds=900)
    run_execution(opened, machine("A", A=task("f")))
    assert len(accepted) == 2 * ROUTE53_CAPACITY
    return sum(accepted)


def _kill(opened: Engine, fault: FaultKind, *, planned: bool) -> None:
    if planned and fault is FaultKind.KILLED_BEFORE_CALL:
        opened.interceptor.kill_plan = lambda *_: True
    elif planned:
        opened.interceptor.fault_plan = lambda *_: fault
    else:
        opened.interceptor.inject_fault("route53:ListHostedZones", fault)
    assert run_execution(opened, machine("A", A=task("f"))).error == "Runtime.ExitError"
    assert [call.outcome for call in opened.interceptor.calls] == [fault]
    opened.interceptor.kill_plan = opened.interceptor.fault_plan = None


@pytest.mark.parametrize("planned", [True, False])
def test_killed_before_call_takes_no_time(planned: bool) -> None:
    with open_engine({"f": _list_zones}, realism=LATENCY) as opened:
        _kill(opened, FaultKind.KILLED_BEFORE_CALL, planned=planned)
        assert elapsed(opened) == 0


@pytest.mark.parametrize("planned", [True, False])
def test_killed_after_call_takes_time_of_call(planned: bool) -> None:
    with open_engine({"f": _list_zones}, realism=LATENCY) as opened:
        _kill(opened, FaultKind.KILLED_AFTER_CALL, planned=planned)
        killed_at = elapsed(opened)
    with open_engine({"f": _list_zones}, realism=LATENCY) as opened:
        run_execution(opened, machine("A", A=task("f")))
        assert killed_at == elapsed(opened) > 0


def test_killed_before_call_draws_no_latency() -> None:
    """The next call takes as long as it would have without the call that was never sent."""
    seconds: list[float] = []
    for killed in (True, False):
        with open_engine({"f": _list_zones}, realism=LATENCY) as opened:
            if killed:
                _kill(opened, FaultKind.KILLED_BEFORE_CALL, planned=True)
            run_execution(opened, machine("A", A=task("f")))
            seconds.append(elapsed(opened))
    assert seconds[0] == seconds[1] > 0


@pytest.mark.parametrize(("fault", "counted"), [(FaultKind.KILLED_BEFORE_CALL, 0), (FaultKind.KILLED_AFTER_CALL, 1)])
def test_only_sent_call_counts_toward_rate_limit(fault: FaultKind, counted: int) -> None:
    with open_engine({"f": _list_zones}, realism=RATE_LIMITS) as opened:
        _kill(opened, fault, planned=True)
        assert elapsed(opened) == 0
        assert _count_accepted(opened) == ROUTE53_CAPACITY - counted
