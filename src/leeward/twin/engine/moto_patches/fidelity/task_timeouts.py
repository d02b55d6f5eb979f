"""Corrects task timeouts, heartbeats, and task responses that arrive too early or too late."""

from __future__ import annotations

from typing import Any

from moto.core.exceptions import AWSError
from moto.stepfunctions.exceptions import InvalidToken
from moto.stepfunctions.parser.asl.component.common.error_name import states_error_name, states_error_name_type
from moto.stepfunctions.parser.asl.component.state.exec import execute_state
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service import state_task_service_callback as service
from moto.stepfunctions.parser.asl.eval.callback import callback
from moto.stepfunctions.parser.models import StepFunctionsParserBackend

from leeward.twin.patching.attribute_replacement import replace_attribute

_TIMEOUT_ERROR_NAMES = ("States.Timeout", "States.HeartbeatTimeout")


class TaskTimedOut(AWSError):  # type: ignore[misc]  # moto is untyped
    """Raised when SendTaskSuccess, SendTaskFailure, or SendTaskHeartbeat is for a task that no longer waits."""

    TYPE = code = exception_type = "TaskTimedOut"
    STATUS = 400

    def __init__(self) -> None:
        super().__init__("Task Timed Out: 'Provided task does not exist anymore'")


class _TimeoutOrHeartbeat(states_error_name.StatesErrorName):  # type: ignore[misc]
    """The error of a missed heartbeat.

    The history names it States.Timeout, as AWS does. Retry and Catch may use both names.
    """

    def __init__(self) -> None:
        super().__init__(typ=states_error_name_type.StatesErrorNameType.StatesTimeout)

    def matches(self, error_name: str | None) -> bool:
        return error_name in _TIMEOUT_ERROR_NAMES

    def __eq__(self, other: object) -> bool:
        return self.matches(getattr(other, "error_name", None))

    __hash__ = None  # type: ignore[assignment]


def match_heartbeat_timeout() -> None:
    """Match `States.HeartbeatTimeout` in Retry and Catch. In unpatched moto it never matches."""

    def from_error(self: Any, env: Any, ex: Exception) -> Any:
        failure = original(self, env, ex)
        if isinstance(ex, service.HeartbeatTimeoutError):
            failure.error_name = _TimeoutOrHeartbeat()
        return failure

    original = replace_attribute(service.StateTaskServiceCallback, "_from_error", from_error)


def drop_implicit_timeout() -> None:
    """Drop the timeout of 60 seconds that unpatched moto sets for HeartbeatSeconds without TimeoutSeconds.

    AWS sets none.
    """

    def from_state_props(self: Any, state_props: Any) -> None:
        original(self, state_props)
        if getattr(self.timeout, "is_default", None):
            self.timeout = execute_state.TimeoutSeconds(execute_state.TimeoutSeconds.DEFAULT_TIMEOUT_SECONDS)

    original = replace_attribute(execute_state.ExecutionState, "from_state_props", from_state_props)


def accept_early_answers() -> None:
    """Accept a response that arrives before the handler has returned.

    Unpatched moto ignores it for a task with a heartbeat.
    """

    def wait(self: Any, env: Any, callback_endpoint: Any, heartbeat_endpoint: Any) -> Any:
        return callback_endpoint.get_outcome() or original(self, env, callback_endpoint, heartbeat_endpoint)

    original = replace_attribute(service.StateTaskServiceCallback, "_wait_for_task_token_heartbeat", wait)


def reject_late_answers() -> None:
    """Reject a response that arrives after the task's end, and a second response.

    Unpatched moto accepts both without an error, and fails internally once the execution has ended. AWS responds with
    TaskTimedOut, and with InvalidToken for a token that it never issued.
    """

    def interrupt_all(self: Any) -> None:
        self.twin_closed = True
        original_interrupt(self)

    def open_endpoint(backend: Any, token: str) -> Any:
        for execution in backend._get_executions():
            endpoint = execution.exec_worker.env.callback_pool_manager.get(token)
            if endpoint is None:
                continue
            if (
                getattr(endpoint, "twin_closed", False)
                or endpoint.get_outcome() is not None
                or execution.status != "RUNNING"
            ):
                raise TaskTimedOut
            return endpoint
        raise InvalidToken(f"'{token}'")

    def success(self: Any, task_token: str, outcome: str) -> None:
        open_endpoint(self, task_token).notify(callback.CallbackOutcomeSuccess(task_token, outcome))

    def failure(self: Any, task_token: str, error: str | None = None, cause: str | None = None) -> None:
        open_endpoint(self, task_token).notify(callback.CallbackOutcomeFailure(task_token, error, cause))

    def heartbeat(self: Any, task_token: str) -> None:
        open_endpoint(self, task_token).notify_heartbeat()

    original_interrupt = replace_attribute(callback.CallbackEndpoint, "interrupt_all", interrupt_all)
    replace_attribute(StepFunctionsParserBackend, "send_task_success", success)
    replace_attribute(StepFunctionsParserBackend, "send_task_failure", failure)
    replace_attribute(StepFunctionsParserBackend, "send_task_heartbeat", heartbeat)
