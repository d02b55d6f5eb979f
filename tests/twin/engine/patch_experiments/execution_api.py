"""Experiments: an execution's own account."""

from __future__ import annotations

from typing import Any

from tests.twin.engine.machines import PASS, REGION, machine, open_engine, run_execution, start_execution, task, wait
from tests.twin.engine.patch_experiments.task_tokens import keeps_token, sfn


def generate_default_name() -> Any:
    with open_engine() as opened:
        arn = opened.create_state_machine(REGION, "machine", machine("A", A=PASS))
        first, second = (
            opened.start_execution(arn, execution_input={"n": 1}),
            opened.start_execution(arn, execution_input={"n": 2}),
        )
        return [first != second, first.endswith(":None")]


def tolerate_unstarted_executions() -> Any:
    with open_engine() as opened:
        execution = start_execution(opened, machine("W", W=wait(10)))
        sfn(opened).stop_execution(executionArn=execution)
        return opened.wait_for_execution(execution).status


def keep_abort_details() -> Any:
    with open_engine() as opened:
        execution = start_execution(opened, machine("W", W=wait(3600)))
        opened.clock.sleep(10)
        sfn(opened).stop_execution(executionArn=execution, error="Operator", cause="enough")
        outcome = opened.wait_for_execution(execution)
        return [outcome.error, outcome.cause]


def keep_failure_cause() -> Any:
    tokens: list[str] = []
    with open_engine(keeps_token(tokens)) as opened:
        execution = start_execution(opened, machine("A", A=task("ask", token=True, TimeoutSeconds=60)))
        opened.clock.sleep(5)
        sfn(opened).send_task_failure(taskToken=tokens[0], error="Rejected", cause="not today")
        outcome = opened.wait_for_execution(execution)
        return [outcome.error, outcome.cause]


def quote_string_output() -> Any:
    with open_engine() as opened:
        execution = start_execution(opened, machine("A", A={"Type": "Pass", "Result": "text", "End": True}))
        opened.clock.sleep(1)
        return sfn(opened).describe_execution(executionArn=execution)["output"]


def add_timed_out_stop_date() -> Any:
    with open_engine() as opened:
        execution = start_execution(opened, {**machine("W", W=wait(3600)), "TimeoutSeconds": 60})
        opened.clock.sleep(100)
        described = sfn(opened).describe_execution(executionArn=execution)
        return [described["status"], "stopDate" in described]


def use_exact_timestamps() -> Any:
    with open_engine({"f": lambda event, context: {}}, latency=0.000123) as opened:
        execution = start_execution(opened, machine("A", A=task("f")))
        opened.wait_for_execution(execution)
        return opened.get_history(execution)[-1]["timestamp"]


def format_context_times() -> Any:
    times = {"started.$": "$$.Execution.StartTime", "entered.$": "$$.State.EnteredTime"}
    with open_engine() as opened:
        output = run_execution(opened, machine("A", A={"Type": "Pass", "Parameters": times, "End": True})).output
    return [output["started"], output["entered"]]


def publish_execution_end() -> Any:
    with open_engine() as opened:
        return run_execution(opened, machine("A", A=PASS)).status


def publish_history_events() -> Any:
    output: list[str] = []
    with open_engine() as opened:
        opened.add_event_listener(lambda arn, event: output.append(event["type"]))
        run_execution(opened, machine("A", A=PASS))
    return output
