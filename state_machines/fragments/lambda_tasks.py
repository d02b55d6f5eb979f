"""Task states that invoke Leeward's Lambda functions."""

from __future__ import annotations

from collections.abc import Mapping

from leeward.common.polling import MAX_CALL_SECONDS
from leeward.state_machines.asl import Catcher, Json, JsonObject, NextState, Retrier, TaskState
from leeward.state_machines.fragments.retries import RETRY_TASK
from leeward.state_machines.fragments.step_context import StepIdentity

INVOKE_RESOURCE = "arn:aws:states:::lambda:invoke"
# The task ends when SendTaskSuccess is called with its token, usually much later.
INVOKE_AND_WAIT_RESOURCE = "arn:aws:states:::lambda:invoke.waitForTaskToken"
# For a single call that acts, checks progress, or writes records. Longer than the functions' own timeout of 35 s, so
# that the function's timeout, which says more, comes first.
CALL_TIMEOUT_SECONDS = MAX_CALL_SECONDS


def function_name(task: str) -> str:
    """Return the name of a task's function: `drs_recover` -> `leeward-drs-recover`."""
    return f"leeward-{task.replace('_', '-')}"


def task_payload(
    step: StepIdentity | None, parameters: Mapping[str, Json], poll: Mapping[str, Json] | None = None
) -> JsonObject:
    """Return a function's payload: the run, its journal's head, the step, the poll settings, and the parameters."""
    members: JsonObject = {"run.$": "$.run", "head.$": "$.look.head"}
    if step is not None:
        members["step"] = step.to_json()
    if poll is not None:
        members["poll"] = poll
    return members | {"parameters": parameters}


def invoke_function(
    function: str,
    payload: Mapping[str, Json],
    *,
    next: NextState,
    catch: tuple[Catcher, ...],
    comment: str,
    timeout_seconds: int = CALL_TIMEOUT_SECONDS,
    result_selector: Mapping[str, Json] | None = None,
    result_path: str | None = None,
    retry: tuple[Retrier, ...] = RETRY_TASK,
    resource: str = INVOKE_RESOURCE,
) -> TaskState:
    """Return a Task state that invokes `function` (name or ARN). By default, the result is only kept in the history."""
    return TaskState(
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
