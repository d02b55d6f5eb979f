"""One invocation of a handler: context, time limit, outcome, as Lambda gives them."""

from __future__ import annotations

import json
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import uuid4

from leeward.twin.engine.baton import Baton
from leeward.twin.engine.surroundings import InvocationSurroundings
from leeward.twin.engine.takeover import Takeover
from leeward.twin.engine.task import Limit
from leeward.twin.engine.timers import microseconds
from leeward.twin.errors import Interrupted, Overran

Handler = Callable[[Any, Any], Any]


@dataclass(frozen=True, slots=True)
class Function:
    """One registered function. `latency_seconds` passes before the handler begins and counts as its time."""

    region: str
    account: str
    name: str
    handler: Handler
    timeout_seconds: float = 60
    latency_seconds: float = 0.2
    memory_mb: int = 256
    environment: Mapping[str, str] = field(default_factory=dict)
    role: str | None = None
    """The ARN of its role; None where no template gave it one."""

    @property
    def role_arn(self) -> str:
        """As Lambda tells it."""
        return self.role or f"arn:aws:iam::{self.account}:role/leeward/{self.name}"

    @property
    def arn(self) -> str:
        """The unqualified ARN."""
        return f"arn:aws:lambda:{self.region}:{self.account}:function:{self.name}"

    def variables(self) -> dict[str, str]:
        """What Lambda sets, and what the function's configuration adds. LAMBDA_TASK_ROOT is left out on purpose:
        by it Powertools would look for an X-Ray daemon."""
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
class Runtime:
    """What a handler runs on."""

    baton: Baton
    takeover: Takeover


class Context:
    """The `context` argument, with the attributes of Lambda's own (docs.aws.amazon.com/lambda, "context object")."""

    function_version = "$LATEST"
    identity = None
    client_context = None
    log_stream_name = "twin"

    def __init__(self, function: Function, request_id: str, baton: Baton, ends_at: int) -> None:
        self.function_name = function.name
        self.invoked_function_arn = function.arn
        self.memory_limit_in_mb = str(function.memory_mb)
        self.aws_request_id = request_id
        self.log_group_name = f"/aws/lambda/{function.name}"
        self._baton, self._ends_at = baton, ends_at

    def get_remaining_time_in_millis(self) -> int:
        """Virtual milliseconds until the function's time is over."""
        return max(0, (self._ends_at - self._baton.us) // 1000)


@dataclass(slots=True)
class Invocation:
    """What happened. `error_type` is None when the handler returned; `trace` is for people only."""

    function: str
    region: str
    request_id: str
    began_at: datetime
    ended_at: datetime | None = None
    error_type: str | None = None
    error_message: str | None = None
    trace: str | None = None
    payload: str = "null"

    @property
    def failed(self) -> bool:
        """Whether Lambda answers with a FunctionError."""
        return self.error_type is not None


def invoke(function: Function, event: Any, runtime: Runtime, seed: str, record: Invocation) -> None:
    """Run the handler in the calling task and fill in `record`.

    Exceptions become `errorType` (the class's name) and `errorMessage`, which is what Catch and Retry see. A function
    over its time ends with `Sandbox.Timedout`, as on AWS; an answer that is no JSON with `Runtime.MarshalError`.
    """
    baton = runtime.baton
    task = baton.holder
    ends_at = baton.us + microseconds(function.timeout_seconds)
    before = (task.caller, task.limit, task.surroundings)
    surroundings = InvocationSurroundings(function.variables(), runtime.takeover, seed)
    task.caller, task.limit = function.name, Limit(ends_at, lambda: Overran(function.name))
    surroundings.enter()
    task.surroundings = surroundings
    try:
        record.request_id = str(uuid4())
        if function.latency_seconds > 0:
            baton.sleep(function.latency_seconds)
        answer = function.handler(event, Context(function, record.request_id, baton, ends_at))
        baton.check()
        record.payload = _marshal(answer)
    except _Unmarshallable as error:
        _fail(record, "Runtime.MarshalError", f"Unable to marshal response: {error}")
    except Overran:
        seconds = f"{float(function.timeout_seconds):.2f}"
        _fail(
            record, "Sandbox.Timedout", f"RequestId: {record.request_id} Error: Task timed out after {seconds} seconds"
        )
    except Interrupted:
        baton.fail(f"{function.name} ({function.region})", Interrupted())
        _fail(record, "HandlerStuck", "computed for too long without waiting")
    except SystemExit as error:
        text = f"Runtime exited with error: exit status {error.code or 0}"
        _fail(record, "Runtime.ExitError", f"RequestId: {record.request_id} Error: {text}")
    except Exception as error:
        _fail(record, type(error).__name__, str(error), traceback.format_exc())
    finally:
        record.ended_at = baton.now()
        surroundings.leave()
        task.caller, task.limit, task.surroundings = before


class _Unmarshallable(Exception):
    """A handler's answer is no JSON."""


def _marshal(answer: Any) -> str:
    try:
        return json.dumps(answer)
    except (TypeError, ValueError) as error:
        raise _Unmarshallable(str(error)) from error


def _fail(record: Invocation, error_type: str, message: str, trace: str | None = None) -> None:
    record.error_type, record.error_message, record.trace = error_type, message, trace
    # Lambda adds a stack trace; ours would hold the paths of this machine, and histories must be equal everywhere.
    body = {"errorMessage": message, "errorType": error_type, "requestId": record.request_id, "stackTrace": []}
    record.payload = json.dumps(body)
