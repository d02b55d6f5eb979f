"""A run costs little time (the processor's, for other tests run beside this one) and leaves no memory behind."""

from __future__ import annotations

import gc
import time
from typing import Any

from moto.ec2.models import ec2_backends
from moto.elbv2.models import elbv2_backends

from leeward.common.aws.clients import client
from tests.twin.engine.machines import REGION, Asl, machine, open_engine, run_execution, task, wait

CALLS_PER_LAMBDA = 2


def _handler(event: Any, context: Any) -> Any:
    dynamodb = client("dynamodb", REGION)
    dynamodb.put_item(TableName="t", Item={"k": {"S": context.aws_request_id}})
    dynamodb.get_item(TableName="t", Key={"k": {"S": context.aws_request_id}})
    return {}


def _definition(tasks: int, waits: int) -> Asl:
    limits: Asl = {"TimeoutSeconds": 60, "ResultPath": None, "Retry": [{"ErrorEquals": ["States.Timeout"]}]}
    chain = {f"Task {n}": task("f", **limits, Next=f"Task {n + 1}") for n in range(tasks)}
    pauses = {f"Wait {n}": wait(60, Next=f"Wait {n + 1}") for n in range(waits)}
    each = machine("Each", Each=task("f", ResultPath=None))
    wave = {"Type": "Map", "ItemsPath": "$.items", "ItemProcessor": each, "ResultPath": None, "Next": "Wait 0"}
    ends = {f"Task {tasks}": wave, f"Wait {waits}": {"Type": "Succeed"}}
    return machine("Task 0", **chain, **pauses, **ends)


def _run(tasks: int, items: int, waits: int) -> float:
    began = time.process_time()
    with open_engine({"f": _handler}) as opened:
        opened.client("dynamodb", REGION).create_table(
            TableName="t",
            KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        outcome = run_execution(opened, _definition(tasks, waits), {"items": list(range(items))})
        assert outcome.status == "SUCCEEDED"
        assert len(opened.functions.invocations) == tasks + items
        assert len(opened.interceptor.calls) == CALLS_PER_LAMBDA * (tasks + items)
    return time.process_time() - began


def test_typical_run_stays_within_cpu_budget() -> None:
    _run(2, 2, 1)  # imports
    assert (
        min(_run(50, 50, 8) for _ in range(3)) < 1.5
    )  # 0.4 s on a quiet machine; the bound leaves room for a busy one


def test_inline_timers_stay_within_cpu_budget() -> None:
    ticks: list[int] = []
    with open_engine() as opened:
        opened.clock.call_every(1, lambda: ticks.append(1), inline=True)
        began = time.process_time()
        opened.clock.sleep(3000.5)
        took = time.process_time() - began
    assert len(ticks) == 3000
    assert took < 0.3


def test_repeated_runs_leak_no_objects() -> None:
    def objects_after(runs: int) -> int:
        for _ in range(runs):
            _run(1, 1, 1)
        gc.collect()
        return len(gc.get_objects())

    objects_after(3)
    before = objects_after(4)
    grown = objects_after(36) - before
    assert grown < 2000, f"{grown} more objects"  # one run's own are some 20,000


def test_run_leaves_no_backend_state() -> None:
    """Whichever of two services is emptied first, and asks for the other while it is."""
    account = "123456789012"
    for first, second in ((ec2_backends, elbv2_backends), (elbv2_backends, ec2_backends)):
        with open_engine({}):
            first[account][REGION].asks = _ReferencingResource(second, account)
            second[account][REGION].asks = _ReferencingResource(first, account)
        assert not first
        assert not second


class _ReferencingResource:
    """What a service holds that looks at another when it goes."""

    def __init__(self, other: Any, account: str) -> None:
        self._other, self._account = other, account

    def __del__(self) -> None:
        self._other[self._account][REGION].left_behind = True
