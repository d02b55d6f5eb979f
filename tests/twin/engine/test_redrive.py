"""An execution that failed, was stopped or timed out goes on from where it stood."""

from __future__ import annotations

import time
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from leeward.twin.engine import Engine
from tests.twin.engine.machines import (
    PASS,
    REGION,
    Asl,
    elapsed,
    machine,
    open_engine,
    start_execution,
    states_entered,
    task,
    wait,
)


class RepairableHandlers:
    """Handlers of which one fails until it is mended."""

    def __init__(self) -> None:
        self.calls: Counter[str] = Counter()
        self.broken = True

    def good(self, event: Any, context: Any) -> Any:
        self.calls["good"] += 1
        return {"good": self.calls["good"]}

    def bad(self, event: Any, context: Any) -> Any:
        self.calls["bad"] += 1
        if self.broken:
            raise ZeroDivisionError("broken")
        return {"bad": self.calls["bad"]}

    def slow(self, event: Any, context: Any) -> Any:
        self.calls["slow"] += 1
        time.sleep(500)
        return {"slow": self.calls["slow"]}

    @property
    def handlers(self) -> dict[str, Any]:
        return {"good": self.good, "bad": self.bad, "slow": self.slow}


def sfn(opened: Engine) -> Any:
    return opened.client("stepfunctions", REGION)


def describe(opened: Engine, execution: str) -> Any:
    return sfn(opened).describe_execution(executionArn=execution)


def types(opened: Engine, execution: str) -> list[str]:
    return [event["type"] for event in opened.get_history(execution)]


CHAIN = machine("A", A=task("good", Next="B"), B=task("bad", Next="C"), C=task("good"))


def test_redrive_continues_at_failed_state() -> None:
    flaky = RepairableHandlers()
    with open_engine(flaky.handlers) as opened:
        execution = start_execution(opened, CHAIN, {"given": 1})
        assert opened.wait_for_execution(execution).status == "FAILED"
        before = len(opened.get_history(execution))
        flaky.broken = False
        opened.redrive_execution(execution)
        assert describe(opened, execution)["status"] == "RUNNING"
        ended = opened.wait_for_execution(execution)
        assert (ended.status, flaky.calls) == ("SUCCEEDED", {"good": 2, "bad": 2})
        assert states_entered(opened, execution) == ["A", "B", "C"], "no state is entered twice"
        events = opened.get_history(execution)
        assert [event["id"] for event in events] == list(range(1, len(events) + 1))
        assert events[before]["type"] == "ExecutionRedriven"
        assert events[before]["executionRedrivenEventDetails"] == {"redriveCount": 1}
        assert events[before + 1]["type"] == "TaskScheduled"
        assert events[before + 1]["previousEventId"] == before + 1


def test_execution_can_be_redriven_repeatedly() -> None:
    flaky = RepairableHandlers()
    with open_engine(flaky.handlers) as opened:
        execution = start_execution(opened, CHAIN)
        for count in range(3):
            if count:
                opened.redrive_execution(execution)
            assert opened.wait_for_execution(execution).status == "FAILED"
            assert describe(opened, execution)["redriveCount"] == count
        assert flaky.calls == {"good": 1, "bad": 3}
        assert types(opened, execution).count("ExecutionFailed") == 3


def test_describe_execution_reports_redrives() -> None:
    flaky = RepairableHandlers()
    with open_engine(flaky.handlers) as opened:
        execution = start_execution(opened, CHAIN)
        running = describe(opened, execution)
        assert (running["redriveCount"], running["redriveStatus"]) == (0, "NOT_REDRIVABLE")
        assert running["redriveStatusReason"] == "Execution is RUNNING and cannot be redriven"
        assert "redriveDate" not in running
        opened.wait_for_execution(execution)
        assert describe(opened, execution)["redriveStatus"] == "REDRIVABLE"
        flaky.broken = False
        opened.clock.sleep(60)
        opened.redrive_execution(execution)
        opened.wait_for_execution(execution)
        done = describe(opened, execution)
        assert (done["redriveCount"], done["redriveStatus"]) == (1, "NOT_REDRIVABLE")
        assert done["redriveDate"] >= running["startDate"] + timedelta(seconds=60)
        listed = sfn(opened).list_executions(stateMachineArn=done["stateMachineArn"], redriveFilter="REDRIVEN")
        assert [item["redriveCount"] for item in listed["executions"]] == [1]
        assert not sfn(opened).list_executions(stateMachineArn=done["stateMachineArn"], redriveFilter="NOT_REDRIVEN")[
            "executions"
        ]


def redrive_error(opened: Engine, execution: str) -> tuple[str, str]:
    with pytest.raises(ClientError) as refused:
        opened.redrive_execution(execution)
    error = refused.value.response["Error"]
    return error["Code"], error["Message"]


def test_running_or_succeeded_execution_is_not_redrivable() -> None:
    with open_engine() as opened:
        runs = start_execution(opened, machine("W", W=wait(60)), name="runs")
        assert redrive_error(opened, runs) == (
            "ExecutionNotRedrivable",
            f"Execution is RUNNING and cannot be redriven: '{runs}'",
        )
        opened.wait_for_execution(runs)
        assert redrive_error(opened, runs)[1].startswith("Execution is SUCCEEDED")


def test_redrive_expires_after_14_days() -> None:
    with open_engine(RepairableHandlers().handlers) as opened:
        failed = start_execution(opened, CHAIN, name="failed")
        opened.wait_for_execution(failed)
        opened.clock.sleep(timedelta(days=14, seconds=1).total_seconds())
        assert redrive_error(opened, failed)[1].startswith("Execution redrivable period exceeded")
        assert describe(opened, failed)["redriveStatus"] == "NOT_REDRIVABLE"
        assert redrive_error(opened, failed.replace(":failed", ":nobody"))[0] == "ExecutionDoesNotExist"


def test_redrive_is_idempotent_with_client_token() -> None:
    flaky = RepairableHandlers()
    with open_engine(flaky.handlers) as opened:
        execution = start_execution(opened, CHAIN)
        opened.wait_for_execution(execution)
        first = sfn(opened).redrive_execution(executionArn=execution, clientToken="t")
        opened.wait_for_execution(execution)
        again = sfn(opened).redrive_execution(executionArn=execution, clientToken="t")
        assert first["redriveDate"] == again["redriveDate"]
        assert describe(opened, execution)["redriveCount"] == 1


def parallel(*branches: Asl, **fields: Any) -> Asl:
    return {"Type": "Parallel", "Branches": list(branches), **(fields or {"End": True})}


def test_redrive_repeats_only_unfinished_branches() -> None:
    flaky = RepairableHandlers()
    lanes = parallel(
        machine("A", A=task("good", Next="A2"), A2=PASS),
        machine("B", B=task("good", Next="B2"), B2=task("bad", Next="B3"), B3=task("good")),
        Next="Z",
    )
    with open_engine(flaky.handlers, latency=1) as opened:
        execution = start_execution(opened, machine("P", P=lanes, Z=PASS))
        assert opened.wait_for_execution(execution).status == "FAILED"
        assert flaky.calls == {"good": 2, "bad": 1}
        flaky.broken = False
        opened.redrive_execution(execution)
        ended = opened.wait_for_execution(execution)
        assert ended.status == "SUCCEEDED"
        assert flaky.calls == {"good": 3, "bad": 2}
        assert [len(lane) for lane in ended.output] == [len(ended.output[0]), len(ended.output[1])]
        assert ended.output[0]["Payload"] == {"good": 1}
        assert states_entered(opened, execution) == ["P", "A", "B", "A2", "B2", "B3", "Z"]


def test_redrive_of_stopped_parallel_continues_each_branch() -> None:
    flaky = RepairableHandlers()
    lanes = parallel(
        machine("A", A=task("slow", Next="A2"), A2=task("good")),
        machine("W", W=wait(100, Next="W2"), W2=task("slow")),
        machine("G", G=task("good")),
    )
    with open_engine(flaky.handlers) as opened:
        execution = start_execution(opened, machine("P", P=lanes))
        opened.clock.call_later(
            50, lambda: sfn(opened).stop_execution(executionArn=execution, error="Stop", cause="enough")
        )
        assert opened.wait_for_execution(execution).status == "ABORTED"
        opened.redrive_execution(execution)
        output = describe(opened, execution)
        assert "error" not in output
        assert "stopDate" not in output
        ended = opened.wait_for_execution(execution)
        assert ended.status == "SUCCEEDED"
        assert flaky.calls == {"slow": 3, "good": 2}
        assert elapsed(opened) == 50 + 100 + 500


def test_retry_after_redrive_repeats_whole_parallel() -> None:
    flaky = RepairableHandlers()
    lanes = parallel(
        machine("A", A=task("good")),
        machine("B", B=task("bad")),
        End=True,
        Retry=[{"ErrorEquals": ["States.ALL"], "MaxAttempts": 1, "IntervalSeconds": 10}],
    )
    with open_engine(flaky.handlers, latency=1) as opened:
        execution = start_execution(opened, machine("P", P=lanes))
        assert opened.wait_for_execution(execution).status == "FAILED"
        assert flaky.calls == {"good": 2, "bad": 2}
        opened.redrive_execution(execution)
        assert opened.wait_for_execution(execution).status == "FAILED"
        assert flaky.calls == {"good": 3, "bad": 4}, "the retry count restarts"


def test_redrive_restarts_timeouts() -> None:
    flaky = RepairableHandlers()
    definition = machine("A", A=task("good", Next="B"), B=task("slow")) | {"TimeoutSeconds": 400}
    with open_engine(flaky.handlers) as opened:
        execution = start_execution(opened, definition)
        assert opened.wait_for_execution(execution).status == "TIMED_OUT"
        assert elapsed(opened) == 400
        opened.redrive_execution(execution)
        assert opened.wait_for_execution(execution).status == "TIMED_OUT"
        assert elapsed(opened) == 800
        assert flaky.calls == {"good": 1, "slow": 2}


def test_redriven_fail_state_fails_again() -> None:
    with open_engine() as opened:
        execution = start_execution(opened, machine("F", F={"Type": "Fail", "Error": "Stopped", "Cause": "as it was"}))
        assert opened.wait_for_execution(execution).cause == "as it was"
        opened.redrive_execution(execution)
        ended = opened.wait_for_execution(execution)
        assert (ended.status, ended.error) == ("FAILED", "Stopped")
        assert states_entered(opened, execution) == ["F", "F"]


def test_task_token_is_invalid_after_redrive() -> None:
    tokens: list[str] = []
    with open_engine({"ask": lambda event, context: tokens.append(event["token"])}) as opened:
        execution = start_execution(opened, machine("A", A=task("ask", token=True, TimeoutSeconds=100)))
        assert opened.wait_for_execution(execution).status == "FAILED"
        opened.redrive_execution(execution)
        opened.clock.sleep(10)
        assert len(set(tokens)) == 2
        with pytest.raises(ClientError, match="TaskTimedOut"):
            sfn(opened).send_task_success(taskToken=tokens[0], output="{}")
        sfn(opened).send_task_success(taskToken=tokens[1], output='"yes"')
        assert opened.wait_for_execution(execution).output == "yes"


def test_context_object_has_redrive_count() -> None:
    seen: list[Any] = []
    flaky = RepairableHandlers()

    def look(event: Any, context: Any) -> Any:
        seen.append(event["redrives"])
        return {}

    payload = {"redrives.$": "$$.Execution.RedriveCount"}
    with open_engine({**flaky.handlers, "look": look}) as opened:
        execution = start_execution(opened, machine("A", A=task("bad", Next="B"), B=task("look", payload)))
        opened.wait_for_execution(execution)
        flaky.broken = False
        opened.redrive_execution(execution)
        assert opened.wait_for_execution(execution).status == "SUCCEEDED"
        assert seen == [1]


def test_redriven_history_is_deterministic() -> None:
    def run() -> list[Any]:
        flaky = RepairableHandlers()
        with open_engine(flaky.handlers, latency=1) as opened:
            execution = start_execution(opened, CHAIN, name="r")
            opened.wait_for_execution(execution)
            flaky.broken = False
            opened.redrive_execution(execution)
            opened.wait_for_execution(execution)
            return opened.get_history(execution)

    assert run() == run()
