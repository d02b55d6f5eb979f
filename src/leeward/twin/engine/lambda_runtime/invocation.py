"""One invocation of a Lambda handler: its context, time limit, and outcome."""

from __future__ import annotations

import json
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import uuid4

from leeward.twin.engine.host_process.runtime_patching import RuntimePatching
from leeward.twin.engine.lambda_runtime.faults.invocation_errors import UNKNOWN, ServiceError
from leeward.twin.engine.lambda_runtime.invocation_environment import InvocationEnvironment
from leeward.twin.engine.scheduling.task import TaskDeadline
from leeward.twin.engine.scheduling.task_scheduler import TaskScheduler
from leeward.twin.engine.scheduling.timers import to_microseconds
from leeward.twin.errors import FunctionTimedOut, WatchdogInterrupt

Handler = Callable[[Any, Any], Any]
# Measured: importing a task takes 1.8 s of processor time without bytecode (docs/generated/lambda-assets.md). Lambda
# adds the start of the environment.
COLD_START_SECONDS = 2.5


@dataclass(frozen=True, slots=True)
class LambdaFunction:
    """A registered function.

    `latency_seconds` passes before the handler begins and counts toward the timeout. `cold_start_seconds` is the median
    duration of a cold start.
    """

    region: str
    account: str
    name: str
    handler: Handler
    timeout_seconds: float = 60
    latency_seconds: float = 0.2
    memory_mb: int = 256
    environment: Mapping[str, str] = field(default_factory=dict)
    role: str | None = None
    """The ARN of the function's role, or None when no template sets one."""
    cold_start_seconds: float = COLD_START_SECONDS

    @property
    def role_arn(self) -> str:
        """Return the ARN of the role as Lambda reports it."""
        return self.role or f"arn:aws:iam::{self.account}:role/leeward/{self.name}"

    @property
    def arn(self) -> str:
        """Return the unqualified ARN."""
        return f"arn:aws:lambda:{self.region}:{self.account}:function:{self.name}"

    def build_environment(self) -> dict[str, str]:
        """Return the variables that Lambda sets, and those of the function's configuration.

        LAMBDA_TASK_ROOT is omitted on purpose: with it, Powertools would look for an X-Ray daemon.
        """
        return {
            "AWS_REGION": self.region,
            "AWS_DEFAULT_REGION": self.region,
            "AWS_LAMBDA_FUNCTION_NAME": self.name,
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(self.memory_mb),
            "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{self.name}",
            "AWS_LAMBDA_LOG_STREAM_NAME": "twin",
            **self.environment,
        }


@dataclass(frozen=True, slots=True)
class HandlerRuntime:
    """The parts of the engine that an invocation needs."""

    scheduler: TaskScheduler
    runtime_patching: RuntimePatching


class SimulatedLambdaContext:
    """A handler's `context`, with the attributes of Lambda's own (docs.aws.amazon.com/lambda, "context object")."""

    function_version = "$LATEST"
    identity = None
    client_context = None
    log_stream_name = "twin"

    def __init__(self, function: LambdaFunction, request_id: str, scheduler: TaskScheduler, ends_at_us: int) -> None:
        self.function_name = function.name
        self.invoked_function_arn = function.arn
        self.memory_limit_in_mb = str(function.memory_mb)
        self.aws_request_id = request_id
        self.log_group_name = f"/aws/lambda/{function.name}"
        self._scheduler, self._ends_at_us = scheduler, ends_at_us

    def get_remaining_time_in_millis(self) -> int:
        """Return the virtual milliseconds until the function times out."""
        return max(0, (self._ends_at_us - self._scheduler.now_us) // 1000)


@dataclass(slots=True)
class InvocationRecord:
    """The record of one invocation.

    - `error_type` is None when the handler returned.
    - `trace` is only for display.
    - `service_error` is the error that the caller gets although the handler may have run.
    """

    function: str
    region: str
    request_id: str
    began_at: datetime
    ended_at: datetime | None = None
    error_type: str | None = None
    error_message: str | None = None
    trace: str | None = None
    payload: str = "null"
    service_error: ServiceError | None = None
    left_environment: bool = False
    """Whether the execution environment became idle after the invocation."""
    state: str = ""
    """The name of the state that invoked the function, or an empty string if no state did."""

    @property
    def has_ended_process(self) -> bool:
        """Return whether the error ended the process, so that the next invocation has a cold start."""
        return (self.error_type or "").startswith(("Sandbox.", "Runtime.", "Extension."))

    @property
    def failure_text(self) -> str:
        """Return the error that the caller gets, with its message."""
        if self.service_error is not None:
            return f"{self.service_error.error.name}: {self.service_error.message}"
        return f"{self.error_type}: {self.error_message}"

    @property
    def has_failed(self) -> bool:
        """Return whether the caller gets an error: Lambda's, or a response with a FunctionError."""
        return self.error_type is not None or self.service_error is not None


def run_handler(
    function: LambdaFunction, event: Any, runtime: HandlerRuntime, seed: str, record: InvocationRecord
) -> None:
    """Run the handler in the calling task and fill in `record`.

    Exceptions become `errorType` (the class name) and `errorMessage`, which Catch and Retry see. A function that
    exceeds its time ends with `Sandbox.Timedout`, as on AWS. A result that is not JSON ends with
    `Runtime.MarshalError`.
    """
    task_scheduler = runtime.scheduler
    task = task_scheduler.running_task
    ends_at = task_scheduler.now_us + to_microseconds(function.timeout_seconds)
    previous_state = (task.calling_function, task.calling_state, task.deadline, task.local_state)
    invocation_environment = InvocationEnvironment(function.build_environment(), runtime.runtime_patching, seed)
    task.calling_function, task.calling_state = function.name, record.state
    task.deadline = TaskDeadline(ends_at, lambda: FunctionTimedOut(function.name))
    invocation_environment.activate()
    task.local_state = invocation_environment
    try:
        record.request_id = str(uuid4())
        if function.latency_seconds > 0:
            task_scheduler.sleep(function.latency_seconds)
        answer = function.handler(event, SimulatedLambdaContext(function, record.request_id, task_scheduler, ends_at))
        task_scheduler.check_caller()
        record.payload = _serialize_result(answer)
    except _UnserializableResult as error:
        record_failure(record, "Runtime.MarshalError", f"Unable to marshal response: {error}")
    except FunctionTimedOut:
        seconds = f"{float(function.timeout_seconds):.2f}"
        record_failure(
            record, "Sandbox.Timedout", f"RequestId: {record.request_id} Error: Task timed out after {seconds} seconds"
        )
    except WatchdogInterrupt:
        task_scheduler.report_failure(f"{function.name} ({function.region})", WatchdogInterrupt())
        record_failure(record, "HandlerStuck", "computed for too long without waiting")
    except SystemExit as error:
        text = f"Runtime exited with error: exit status {error.code or 0}"
        record_failure(record, "Runtime.ExitError", f"RequestId: {record.request_id} Error: {text}")
    except Exception as error:
        record_failure(record, type(error).__name__, str(error), traceback.format_exc())
    finally:
        record.ended_at = task_scheduler.now()
        invocation_environment.deactivate()
        task.calling_function, task.calling_state, task.deadline, task.local_state = previous_state


class _UnserializableResult(Exception):
    """Raised when a handler's result cannot be written as JSON."""


def _serialize_result(result: Any) -> str:
    try:
        return json.dumps(result)
    except (TypeError, ValueError) as error:
        raise _UnserializableResult(str(error)) from error


def record_failure(record: InvocationRecord, error_type: str, message: str, trace: str | None = None) -> None:
    """Record that Lambda responds with a FunctionError."""
    record.error_type, record.error_message, record.trace = error_type, message, trace
    # Lambda adds a stack trace. It is omitted here, because it contains the paths of this machine, and histories must
    # be equal everywhere.
    body = {"errorMessage": message, "errorType": error_type, "requestId": record.request_id, "stackTrace": []}
    record.payload = json.dumps({"errorMessage": message} if error_type == UNKNOWN else body)
