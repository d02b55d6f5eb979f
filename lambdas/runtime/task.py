"""The decorator of all Lambda handlers.

It parses the event, binds the logger, journals the step, and builds the response. Errors keep their class names,
because Retry and Catch in the state machine match the name as `errorType`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import TypeVar

from aws_lambda_powertools.utilities.parser import parse
from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import BaseModel, ValidationError

from leeward.base.import_paths import module_of
from leeward.common.errors import InvalidInput, LeewardError, Throttled, Transient
from leeward.common.naming.telemetry_names import DomainEventType, RunMetric
from leeward.common.polling import PollProgress, PollResult, PollState
from leeward.common.text_limits import MAX_TEXT_BYTES, truncate_text
from leeward.control.locking import application_lock
from leeward.kinds.registry import step_tasks
from leeward.lambdas.runtime.invocation.environment import TaskEnvironment
from leeward.lambdas.runtime.invocation.task_context import TaskContext
from leeward.lambdas.runtime.invocation.task_events import (
    DetailResult,
    Parameters,
    RunEvent,
    StepReportEvent,
    TaskEvent,
    TokenEvent,
    WaitingEvent,
)
from leeward.lambdas.runtime.journaling.step_journal import StepJournal
from leeward.lambdas.runtime.telemetry.observability import count_task_call, log_context, logger, tracer
from leeward.lambdas.runtime.telemetry.run_notifications import count_run_metrics as count_run
from leeward.lambdas.runtime.telemetry.run_notifications import publish_event

E = TypeVar("E", bound=BaseModel)
Handler = Callable[[dict[str, object], LambdaContext], dict[str, object]]


def task(
    model: type[E], *, requires_lock: bool = True, max_error_bytes: int = MAX_TEXT_BYTES
) -> Callable[[Callable[[E, TaskContext], BaseModel | PollResult]], Handler]:
    """Turn a function of the parsed event and a TaskContext into a Lambda handler.

    The function returns a model or a PollResult. The PollResult becomes a PollProgress for a waiting task, and a
    DetailResult for any other. With `requires_lock`, a step's task raises LockLost while another run holds the
    application's lock. Turn it off for tasks that only read. Error texts are truncated to `max_error_bytes` bytes of
    JSON.
    """

    def decorate(work: Callable[[E, TaskContext], BaseModel | PollResult]) -> Handler:
        name = _name_task(work.__module__)

        def handler(event: dict[str, object], context: LambdaContext) -> dict[str, object]:
            return _run_task(
                name, model, work, event, context, requires_lock=requires_lock, max_error_bytes=max_error_bytes
            )

        handler.__doc__, handler.__module__ = work.__doc__, work.__module__
        traced: Handler = tracer.capture_lambda_handler(handler, capture_response=False)
        traced.event_model = model  # type: ignore[attr-defined]  # lets tests check what state machines send
        return traced

    return decorate


def _name_task(module: str) -> str:
    """Return the name of the task whose handler is in `module`. A plug-in's module can have a name of its own."""
    own = module.rsplit(".", 1)[-1]
    if module.startswith("leeward."):
        return own
    return next((name for name, task in step_tasks().items() if module_of(task.handler) == module), own)


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
    task_context = TaskContext(TaskEnvironment.load(), lambda_context.aws_request_id)
    run = event.run if isinstance(event, RunEvent | StepReportEvent | TaskEvent) else None
    step = event.step if isinstance(event, StepReportEvent | TaskEvent) else None
    step_journal = _step_journal_for(event, task_context, name)
    began = time.monotonic()
    outcome, has_begun = "Defect", False
    with log_context(name, task_context.request_id, run, step):
        try:
            if step_journal is not None and _is_first_call(event):
                step_journal.record_started()
            has_begun = True
            if requires_lock and isinstance(event, TaskEvent) and not isinstance(event, TokenEvent):
                application_lock.require_lock(task_context.table, event.run)
            answer = work(event, task_context)
            outcome = "Waiting" if isinstance(answer, PollResult) and not answer.done else "Done"
            if step_journal is not None and isinstance(answer, PollResult):
                link = step_journal.record_result(answer)
                if answer.done and isinstance(event, TaskEvent):
                    publish_event(task_context, DomainEventType.STEP_DONE, event.run, link, event.step)
                    count_run(
                        event.run,
                        {RunMetric.STEP_DONE: 1, RunMetric.STEP_SECONDS: _elapsed_seconds(event, task_context, began)},
                    )
            logger.info(answer.detail if isinstance(answer, PollResult) else outcome)
            return _build_response(event, answer, task_context)
        except LeewardError as error:
            outcome = "Retryable" if isinstance(error, Transient) else "Failed"
            logger.warning(f"{type(error).__name__}: {error}")
            _journal_failure(step_journal, error)
            if isinstance(event, WaitingEvent) and isinstance(error, Transient) and has_begun:
                return _build_missed_poll(event.poll, error, task_context)
            raise _truncate_error(error, max_error_bytes) from None
        except Exception as error:
            logger.exception("unexpected error")
            _journal_failure(step_journal, error)
            raise _truncate_error(error, max_error_bytes) from None
        finally:
            count_task_call(name, outcome, time.monotonic() - began, run)


def parse_event(model: type[E], raw: Mapping[str, object], name: str) -> E:
    """Parse the event. Raises InvalidInput naming the task and the problem of each field."""
    try:
        return parse(event=dict(raw), model=model)
    except ValidationError as error:
        problems = "; ".join(
            f"{'.'.join(str(part) for part in e['loc']) or 'the event'}: {e['msg']}"
            for e in error.errors(include_url=False, include_input=False)
        )
        # `from None`, because pydantic's text shows the input, which can contain a task token.
        raise InvalidInput(f"the event of {name} is malformed: {problems}") from None


def _step_journal_for(event: BaseModel, context: TaskContext, name: str) -> StepJournal | None:
    """Return the journal of the event's step. None for token tasks and run tasks, which write their own entries."""
    if not isinstance(event, TaskEvent) or isinstance(event, TokenEvent):
        return None
    parameters = event.parameters
    part = parameters.part if isinstance(parameters, Parameters) else None
    return StepJournal(context.journal(event.run.id), event.step, name, part)


def _is_first_call(event: BaseModel) -> bool:
    return not isinstance(event, WaitingEvent) or event.poll.started_at is None


def _truncate_error(error: Exception, max_error_bytes: int) -> Exception:
    """Return the error with the same class name, a text of at most `max_error_bytes`, and no traceback.

    The log has the traceback, which Lambda would otherwise add to the error that the state machine stores.
    """
    text = truncate_text(str(error), max_error_bytes)
    if text == str(error):
        return error.with_traceback(None)
    truncated: Exception = type(type(error).__name__, (Exception,), {"__module__": type(error).__module__})(text)
    return truncated


def _elapsed_seconds(event: BaseModel, context: TaskContext, began: float) -> float:
    """Return how long the step has taken, over all of the task's calls."""
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


def _build_missed_poll(poll: PollState, error: Transient, context: TaskContext) -> dict[str, object]:
    """Return the progress of a call that a transient error ended. The next poll tries again, until the step's timeout.

    Every task of a step that waits can be called again, because it first looks at what an earlier call has done.
    """
    pause = error.retry_after_seconds if isinstance(error, Throttled) else None
    detail = truncate_text(f"{type(error).__name__}: {error}; will be tried again")
    progress = PollProgress.from_poll(poll, context.now, done=False, detail=detail, pause_seconds=pause)
    return progress.model_dump(mode="json")


def _journal_failure(step_journal: StepJournal | None, error: Exception) -> None:
    """Journal the failure. Log a failed write, so that it doesn't replace the original error."""
    if step_journal is None:
        return
    try:
        step_journal.record_failure(error)
    except LeewardError as write_error:
        logger.error(f"the failure could not be journaled: {write_error}")
