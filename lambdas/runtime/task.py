"""The one decorator of the handlers.

It parses the event, binds the logger, journals the step, and words the answer. Errors pass unchanged: a class's name is
what the state machine's Retry and Catch see as `errorType`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import TypeVar

from aws_lambda_powertools.utilities.parser import parse
from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import BaseModel, ValidationError

from leeward.common.errors import InvalidInput, LeewardError, Transient
from leeward.common.naming.telemetry_names import DomainEventType, RunMetric
from leeward.common.polling import PollProgress, PollResult
from leeward.common.text_limits import MAX_TEXT_BYTES, truncate_text
from leeward.control.locking import application_lock
from leeward.lambdas.runtime.invocation.environment import TaskEnvironment
from leeward.lambdas.runtime.invocation.events import (
    DetailResult,
    Parameters,
    RunEvent,
    StepReportEvent,
    TaskEvent,
    TokenEvent,
    WaitingEvent,
)
from leeward.lambdas.runtime.invocation.task_context import TaskContext
from leeward.lambdas.runtime.journaling.step_journal import StepJournal
from leeward.lambdas.runtime.telemetry.observability import count_task_call, log_context, logger, tracer
from leeward.lambdas.runtime.telemetry.run_notifications import count_run_metrics as count_run
from leeward.lambdas.runtime.telemetry.run_notifications import publish_event

E = TypeVar("E", bound=BaseModel)
Handler = Callable[[dict[str, object], LambdaContext], dict[str, object]]


def task(
    model: type[E], *, requires_lock: bool = True, max_error_bytes: int = MAX_TEXT_BYTES
) -> Callable[[Callable[[E, TaskContext], BaseModel | PollResult]], Handler]:
    """Make a Lambda handler of a function that takes the parsed event and a workbench.

    The function answers a model, or a `Look`: a waiting task's becomes a `Progress`, another's a `Detail`. A task of a
    step is `fenced`: it does nothing while another run holds the application's lock; not so a task that only looks.
    An error's text is no longer than `longest` bytes of JSON.
    """

    def decorate(work: Callable[[E, TaskContext], BaseModel | PollResult]) -> Handler:
        name = work.__module__.rsplit(".", 1)[-1]

        def handler(event: dict[str, object], context: LambdaContext) -> dict[str, object]:
            return _run_task(
                name, model, work, event, context, requires_lock=requires_lock, max_error_bytes=max_error_bytes
            )

        handler.__doc__, handler.__module__ = work.__doc__, work.__module__
        traced: Handler = tracer.capture_lambda_handler(handler, capture_response=False)
        traced.event_model = model  # type: ignore[attr-defined]  # what a state machine must send, for whoever checks
        return traced

    return decorate


def _run_task(
    name: str,
    model: type[E],
    work: Callable[[E, TaskContext], BaseModel | PollResult],
    raw: dict[str, object],
    lambda_context: LambdaContext,
    *,
    requires_lock: bool,
    max_error_bytes: int,
) -> dict[str, object]:
    event = parse_event(model, raw, name)
    own_context = TaskContext(TaskEnvironment.load(), lambda_context.aws_request_id)
    run = event.run if isinstance(event, RunEvent | StepReportEvent | TaskEvent) else None
    step = event.step if isinstance(event, StepReportEvent | TaskEvent) else None
    record = _step_journal_for(event, own_context, name)
    began = time.monotonic()
    outcome = "Defect"
    with log_context(name, own_context.request_id, run, step):
        try:
            if record is not None and _is_first_call(event):
                record.record_started()
            if requires_lock and isinstance(event, TaskEvent) and not isinstance(event, TokenEvent):
                application_lock.require_lock(own_context.table, event.run)
            answer = work(event, own_context)
            outcome = "Waiting" if isinstance(answer, PollResult) and not answer.done else "Done"
            if record is not None and isinstance(answer, PollResult):
                link = record.record_result(answer)
                if answer.done and isinstance(event, TaskEvent):
                    publish_event(own_context, DomainEventType.STEP_DONE, event.run, link, event.step)
                    count_run(
                        event.run,
                        {RunMetric.STEP_DONE: 1, RunMetric.STEP_SECONDS: _elapsed_seconds(event, own_context, began)},
                    )
            logger.info(answer.detail if isinstance(answer, PollResult) else outcome)
            return _build_response(event, answer, own_context)
        except LeewardError as error:
            outcome = "Retryable" if isinstance(error, Transient) else "Failed"
            logger.warning(f"{type(error).__name__}: {error}")
            _journal_failure(record, error)
            raise _truncate_error(error, max_error_bytes) from None
        except Exception as error:
            logger.exception("an error that no one foresaw")
            _journal_failure(record, error)
            raise _truncate_error(error, max_error_bytes) from None
        finally:
            count_task_call(name, outcome, time.monotonic() - began, run)


def parse_event(model: type[E], raw: Mapping[str, object], name: str) -> E:
    """The event. Raises InvalidInput naming the task, each field, and what is wrong with it."""
    try:
        return parse(event=dict(raw), model=model)
    except ValidationError as error:
        problems = "; ".join(
            f"{'.'.join(str(part) for part in e['loc']) or 'the event'}: {e['msg']}"
            for e in error.errors(include_url=False, include_input=False)
        )
        # `from None`: pydantic's own text shows the input, and the input can hold a task token.
        raise InvalidInput(f"the event of {name} is malformed: {problems}") from None


def _step_journal_for(event: BaseModel, context: TaskContext, name: str) -> StepJournal | None:
    """Token tasks and those of the run as a whole are no steps: they write their own entries."""
    if not isinstance(event, TaskEvent) or isinstance(event, TokenEvent):
        return None
    parameters = event.parameters
    part = parameters.part if isinstance(parameters, Parameters) else None
    return StepJournal(context.journal(event.run.id), event.step, name, part)


def _is_first_call(event: BaseModel) -> bool:
    return not isinstance(event, WaitingEvent) or event.poll.started_at is None


def _truncate_error(error: Exception, max_error_bytes: int) -> Exception:
    """The error as the state machine is to carry it: by its own name, its text no longer than a state may hold, and
    without the stack that Lambda would add, which is in the log."""
    text = truncate_text(str(error), max_error_bytes)
    if text == str(error):
        return error.with_traceback(None)
    carried: Exception = type(type(error).__name__, (Exception,), {"__module__": type(error).__module__})(text)
    return carried


def _elapsed_seconds(event: BaseModel, context: TaskContext, began: float) -> float:
    """How long the task has been at it, over all its calls."""
    if isinstance(event, WaitingEvent) and event.poll.started_at is not None:
        return float(event.poll.elapsed_seconds(context.now))
    return time.monotonic() - began


def _build_response(event: BaseModel, result: BaseModel | PollResult, context: TaskContext) -> dict[str, object]:
    if isinstance(result, PollResult):
        if isinstance(event, WaitingEvent):
            result = PollProgress.from_poll(
                event.poll, context.now, done=result.done, detail=truncate_text(result.detail)
            )
        else:
            result = DetailResult(detail=truncate_text(result.detail))
    return result.model_dump(mode="json")


def _journal_failure(step_journal: StepJournal | None, error: Exception) -> None:
    """The error itself matters more than its record: where that can't be written, the log says so."""
    if step_journal is None:
        return
    try:
        step_journal.record_failure(error)
    except LeewardError as unwritten:
        logger.error(f"the failure could not be journaled: {unwritten}")
