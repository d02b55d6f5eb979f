"""Experiments: Lambda functions."""

from __future__ import annotations

from typing import Any

from leeward.twin.engine.lambda_runtime.faults.invocation_faults import FailedInvocation, InvocationFaultRule
from tests.twin.engine.machines import REGION, machine, open_engine, run_execution, task


def run_functions_in_process() -> Any:
    with open_engine({"f": lambda event, context: {"n": event["n"] + 1}}) as opened:
        output = run_execution(opened, machine("A", A=task("f", {"n": 1}))).output
        return output["Payload"]


def enforce_reserved_concurrency() -> Any:
    with open_engine({"f": lambda event, context: {}}) as opened:
        client = opened.client("lambda", REGION)
        client.put_function_concurrency(FunctionName="f", ReservedConcurrentExecutions=0)
        return client.get_function_concurrency(FunctionName="f")["ReservedConcurrentExecutions"]


def report_task_state_errors() -> Any:
    with open_engine({"f": lambda event, context: {}}) as opened:
        fault = FailedInvocation.from_name("Lambda.Unknown")
        opened.functions.faults.add_rule(InvocationFaultRule(frozenset({"f"}), fault))
        return run_execution(opened, machine("A", A=task("f"))).error
