"""A call of one of our Lambda functions."""

from __future__ import annotations

from collections.abc import Mapping

from leeward.common.polling import LONGEST_CALL_SECONDS
from leeward.state_machines.asl import Catcher, Json, JsonObject, Next, Retrier, Task
from leeward.state_machines.compile.context import StepRef
from leeward.state_machines.compile.retries import RETRY

INVOKE = "arn:aws:states:::lambda:invoke"
# The function ends by calling SendTaskSuccess with the task's token, now or, mostly, much later.
INVOKE_AND_WAIT = "arn:aws:states:::lambda:invoke.waitForTaskToken"
# One call of a function that waits (it acts or looks, and comes back) or that only writes records. Longer than the
# functions' own 60 s, so that the function's timeout, which says more, comes first.
CALL_SECONDS = LONGEST_CALL_SECONDS


def function_name(task: str) -> str:
    """`drs_recover` -> `leeward-drs-recover`."""
    return f"leeward-{task.replace('_', '-')}"


def payload(step: StepRef | None, parameters: Mapping[str, Json], poll: Mapping[str, Json] | None = None) -> JsonObject:
    """What a function is handed: the run, the step, how to wait, its own parameters."""
    members: JsonObject = {"run.$": "$.run"}
    if step is not None:
        members["step"] = step.to_json()
    if poll is not None:
        members["poll"] = poll
    return members | {"parameters": parameters}


def call(
    function: str,
    payload: Mapping[str, Json],
    *,
    next: Next,
    catch: tuple[Catcher, ...],
    comment: str,
    timeout_seconds: int = CALL_SECONDS,
    result_selector: Mapping[str, Json] | None = None,
    result_path: str | None = None,
    retry: tuple[Retrier, ...] = RETRY,
    resource: str = INVOKE,
) -> Task:
    """A Task that invokes `function` (name or ARN). Unless told otherwise the answer is left to the history."""
    return Task(
        resource=resource,
        parameters={"FunctionName": function, "Payload": payload},
        timeout_seconds=timeout_seconds,
        next=next,
        comment=comment,
        result_selector=result_selector,
        result_path=result_path,
        retry=retry,
        catch=catch,
    )
