"""Corrects what moto reports about executions: names, errors, output, timestamps, and events."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import moto.stepfunctions.models as mock_models
from moto.stepfunctions import responses
from moto.stepfunctions.parser.asl.component.state import state as state_module
from moto.stepfunctions.parser.asl.eval.event import event_manager
from moto.stepfunctions.parser.asl.utils.encoding import to_json_str
from moto.stepfunctions.parser.backend import execution, execution_worker
from moto.stepfunctions.parser.models import StepFunctionsParserBackend

from leeward.twin.engine.scheduling.current_scheduler import current_scheduler
from leeward.twin.engine.step_functions import execution_events
from leeward.twin.patching.attribute_replacement import replace_attribute


def generate_default_name() -> None:
    """Generate a name for an execution that is started without one. Unpatched moto names every such execution None."""

    def start_execution(self: Any, state_machine_arn: str, name: str | None = None, *args: Any, **options: Any) -> Any:
        return start(self, state_machine_arn, name or str(uuid4()), *args, **options)

    start = replace_attribute(StepFunctionsParserBackend, "start_execution", start_execution)


def tolerate_unstarted_executions() -> None:
    """Tolerate an execution that was started in this instant and whose own thread has not run yet.

    Unpatched moto fails with an AttributeError when it lists or stops such an execution.
    """

    def get_executions(self: Any, status: Any = None) -> list[Any]:
        return [each for each in get(self, status) if each.exec_worker.env is not None]

    def stop(self: Any, *args: Any, **options: Any) -> None:
        while self.exec_worker.env is None:
            current_scheduler().yield_turn()
        original_stop(self, *args, **options)

    get = replace_attribute(StepFunctionsParserBackend, "_get_executions", get_executions)
    original_stop = replace_attribute(execution.Execution, "stop", stop)


def keep_abort_details() -> None:
    """Keep the `error` and `cause` of StopExecution. Unpatched moto loses them, and responds without a stop date."""

    def stop_execution(self: Any) -> Any:
        stopped_execution = self.stepfunction_backend.describe_execution(self._get_param("executionArn"))
        now = mock_models.utcnow()
        if stopped_execution.exec_status == execution.ExecutionStatus.RUNNING:
            stopped_execution.stop(stop_date=now, error=self._get_param("error"), cause=self._get_param("cause"))
        return responses.ActionResult({"stopDate": stopped_execution.stop_date or now})

    def terminated(self: Any) -> None:
        original(self)
        state = self.execution.exec_worker.env.program_state()
        if self.execution.exec_status == execution.ExecutionStatus.ABORTED:
            self.execution.error, self.execution.cause = state.error or None, state.cause or None

    replace_attribute(responses.StepFunctionResponse, "stop_execution", stop_execution)
    original = replace_attribute(execution.BaseExecutionWorkerCommunication, "terminated", terminated)


def keep_failure_cause() -> None:
    """Keep the `cause` of SendTaskFailure, which unpatched moto loses."""

    def send_task_failure(self: Any) -> Any:
        token, error, cause = (self._get_param(name) for name in ("taskToken", "error", "cause"))
        self.stepfunction_backend.send_task_failure(token, error=error, cause=cause)
        return responses.EmptyResult()

    replace_attribute(responses.StepFunctionResponse, "send_task_failure", send_task_failure)


def quote_string_output() -> None:
    """Write an output that is a string as JSON. Unpatched moto omits its quotes."""

    def terminated(self: Any) -> None:
        original(self)
        if self.execution.exec_status == execution.ExecutionStatus.SUCCEEDED:
            self.execution.output = to_json_str(self.execution.output, separators=(",", ":"))

    original = replace_attribute(execution.BaseExecutionWorkerCommunication, "terminated", terminated)


def add_timed_out_stop_date() -> None:
    """Describe an execution that TIMED_OUT with its stop date, which unpatched moto omits."""

    def describe_execution(self: Any) -> Any:
        response = describe(self)
        described_execution = self.stepfunction_backend.describe_execution(self._get_param("executionArn"))
        if described_execution.stop_date is not None:
            response.result["stopDate"] = described_execution.stop_date
        return response

    describe = replace_attribute(responses.StepFunctionResponse, "describe_execution", describe_execution)


def use_exact_timestamps() -> None:
    """Keep the microseconds of event timestamps.

    Unpatched moto truncates them to milliseconds, so events seem to happen before their causes.
    """

    def exact(when: datetime) -> str:
        return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")

    replace_attribute(event_manager, "iso_8601_datetime_with_milliseconds", exact)


def format_context_times() -> None:
    """Write the context object's StartTime and EnteredTime with milliseconds and `Z`, as in 2019-03-26T20:14:13.192Z.

    Unpatched moto writes Python's format, as in 2019-03-26T20:14:13.192000+00:00. Source of the example:
    https://docs.aws.amazon.com/step-functions/latest/dg/input-output-contextobject.html
    """

    def start_details(self: Any) -> Any:
        details = original(self)
        details.start_time = format_time(details.start_time)
        return details

    def state_data(EnteredTime: str, **data: Any) -> Any:  # noqa: N803 - moto's keyword
        return new_state_data(EnteredTime=format_time(datetime.fromisoformat(EnteredTime)), **data)

    def format_time(moment: datetime) -> str:
        return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")

    original = replace_attribute(execution.Execution, "get_start_execution_details", start_details)
    new_state_data = replace_attribute(state_module, "StateData", state_data)


def publish_execution_end() -> None:
    """Publish the end of each execution. Unpatched moto does not, so callers would have to poll."""

    def terminated(self: Any) -> None:
        original(self)
        execution_events.publish_end(self.execution.exec_arn)

    original = replace_attribute(execution.BaseExecutionWorkerCommunication, "terminated", terminated)


def publish_history_events() -> None:
    """Publish each history event with the ARN of its execution, which unpatched moto does not record in the event."""

    def environment(self: Any) -> Any:
        evaluation_environment = make(self)
        evaluation_environment.event_manager.twin_execution_arn = self._evaluation_details.execution_details.arn
        return evaluation_environment

    def publish(self: Any, **options: Any) -> None:
        original(self, **options)
        execution_events.publish_event(self.twin_execution_arn, self._history_event_list[-1])

    make = replace_attribute(execution_worker.ExecutionWorker, "_get_evaluation_environment", environment)
    original = replace_attribute(event_manager.EventManager, "_publish_history_event", publish)
