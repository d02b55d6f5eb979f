"""Random state machines with random handlers, faults and an operator: whatever the engine must take in its stride."""

from __future__ import annotations

import random
import time
import uuid
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from botocore.exceptions import ClientError

from leeward.common.aws.clients import client
from leeward.twin.engine import FaultKind
from leeward.twin.engine.step_functions.executions import to_jsonable
from tests.twin.engine.machines import REGION, Asl, machine, open_engine, start_execution, task


class PermanentFailure(Exception):
    pass


class TransientFailure(Exception):
    pass


@dataclass
class RandomRun:
    """What a run left behind."""

    status: str
    history: list[dict[str, Any]]
    announced_events: list[dict[str, Any]]
    late_events: int
    calls: list[list[str]]


def _state(kind: str, name: str, chance: random.Random, depth: int, extra: Asl) -> Asl:
    if kind == "task":
        limit: Asl = {"TimeoutSeconds": chance.randint(1, 4)} if chance.random() < 0.3 else {}
        return task("work", {"name": name}, ResultPath="$.work", **extra, **limit)
    if kind == "token":
        limit = {"HeartbeatSeconds": 7} if chance.random() < 0.3 else {}
        payload = {"token.$": "$$.Task.Token", "after": chance.randint(0, 30)}
        seconds = chance.randint(10, 25)
        return task("ask", payload, token=True, TimeoutSeconds=seconds, ResultPath="$.answer", **limit, **extra)
    if kind == "wait":
        return {"Type": "Wait", "Seconds": chance.randint(0, 5)}
    if kind == "map":
        return {
            "Type": "Map",
            "ItemsPath": "$.items",
            "ItemSelector": {"x.$": "$$.Map.Item.Value", "items.$": "$.items"},
            "MaxConcurrency": chance.choice([0, 1, 2, 3]),
            "ItemProcessor": definition(chance, depth + 1),
            "ResultPath": None,
            **extra,
        }
    if kind == "parallel":
        branches = [definition(chance, depth + 1) for _ in range(chance.randint(2, 3))]
        return {"Type": "Parallel", "Branches": branches, "ResultPath": None, **extra}
    return {"Type": "Pass"}


def definition(chance: random.Random, depth: int = 0) -> Asl:
    """A state machine, nested up to two deep."""
    names = [f"{depth}-{i}-{chance.randint(0, 9999)}" for i in range(chance.randint(2, 5))]
    kinds = ["task", "task", "task", "wait", "pass", "token"] + (["map", "parallel"] * 2 if depth < 2 else [])
    states: dict[str, Asl] = {}
    for i, name in enumerate(names):
        extra: Asl = {}
        if chance.random() < 0.6:
            retry = {"ErrorEquals": [chance.choice(["Flake", "States.ALL", "States.Timeout"])]}
            pause = {"IntervalSeconds": chance.randint(1, 5), "MaxAttempts": chance.randint(0, 3), "BackoffRate": 1.5}
            extra["Retry"] = [{**retry, **pause, "JitterStrategy": chance.choice(["FULL", "NONE"])}]
        if i + 1 < len(names) and chance.random() < 0.7:
            error = chance.choice(["States.ALL", "States.TaskFailed", "States.Timeout", "Boom"])
            extra["Catch"] = [{"ErrorEquals": [error], "ResultPath": "$.error", "Next": names[-1]}]
        state = _state(chance.choice(kinds), name, chance, depth, extra)
        state.pop("End", None)
        states[name] = {**state, "Next": names[i + 1]} if i + 1 < len(names) else {**state, "End": True}
    return machine(names[0], **states)


@lru_cache(maxsize=64)
def run_random_machine(seed: int) -> RandomRun:
    """Run the machine of this seed to its end, and then on for a while."""
    chance, luck = random.Random(seed), random.Random(seed * 31)
    output: list[dict[str, Any]] = []

    def work(event: Any, context: Any) -> Any:
        table = client("dynamodb", REGION)
        table.put_item(TableName="t", Item={"k": {"S": str(uuid.uuid4())}})
        time.sleep(luck.choice([0, 0, 0.5, 1, 2, 6]))
        roll = luck.random()
        if roll < 0.15:
            raise PermanentFailure(str(uuid.uuid4()))
        if roll < 0.35:
            raise TransientFailure(event["name"])
        return {"n": table.scan(TableName="t")["Count"], "id": context.aws_request_id}

    def ask(event: Any, context: Any) -> Any:
        def answer() -> None:
            try:
                opened.client("stepfunctions", REGION).send_task_success(taskToken=event["token"], output="{}")
            except ClientError as error:
                completed_late.append(error.response["Error"]["Code"])

        opened.clock.call_later(event["after"], answer)

    completed_late: list[str] = []
    with open_engine({"work": work, "ask": ask}, seed=seed) as opened:
        opened.client("dynamodb", REGION).create_table(
            TableName="t",
            KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        opened.interceptor.inject_fault("dynamodb:PutItem", FaultKind.THROTTLED, nth=3, times=2)
        opened.interceptor.inject_fault("dynamodb:Scan", FaultKind.ANSWER_LOST, nth=4)
        opened.add_event_listener(lambda _, event: output.append(event))
        execution = start_execution(
            opened, {**definition(chance), "TimeoutSeconds": 600}, {"x": 1, "items": [1, 2, 3, 4]}
        )
        if seed % 3 == 0:
            sfn = opened.client("stepfunctions", REGION)
            opened.clock.call_later(luck.randint(5, 60), lambda: sfn.stop_execution(executionArn=execution))
        status = opened.wait_for_execution(execution).status
        history = opened.get_history(execution)
        opened.clock.sleep(300)
        late = len(opened.get_history(execution)) - len(history)
        calls = [
            [call.at.isoformat(), str(call.caller), call.operation, call.outcome] for call in opened.interceptor.calls
        ]
    return RandomRun(status, history, to_jsonable(output), late, [*calls, completed_late])
