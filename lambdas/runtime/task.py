"""The decorator of all Lambda handlers.

It parses the event, binds the logger, and builds the response. Errors keep their class names, because Retry and Catch
in the state machine match the name as `errorType`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import TypeVar

from aws_lambda_powertools.utilities.parser import parse
from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import BaseModel, ValidationError

from leeward.base.import_paths import module_of
from leeward.common.errors import InvalidInput, LeewardError, Transient, UnexpectedError
from leeward.common.polling import PollResult, PollStatus
from leeward.common.text_limits import MAX_TEXT_BYTES, truncate_text
from leeward.kinds.registry import step_tasks
from leeward.lambdas.runtime.invocation.environment import TaskEnvironment
from leeward.lambdas.runtime.invocation.task_context import TaskContext
from leeward.lambdas.runtime.invocation.task_events import RunEvent, StepReportEvent, TaskEvent, WaitingEvent
from leeward.lambdas.runtime.steps.step_call import StepCall
from leeward.lambdas.runtime.telemetry.observability import count_task_call, log_context, logger, tracer

E = TypeVar("E", bound=BaseModel)
Handler = Callable[[dict[str, object], LambdaContext], dict[str, object]]


def task(
    model: type[E], *, requires_lock: bool = True, max_error_bytes: int = MAX_TEXT_BYTES
) -> Callable[[Callable[[E, TaskContext], BaseModel | PollResult]], Handler]:
    """Turn a function of the parsed event and a TaskContext into a Lambda handler.

    For a WaitingEvent, the function returns a PollResult (`runtime.steps.step_call`), and for other events a model.
    With `requires_lock`, a step's task raises LockLost while another run holds the application's lock. Turn it off for
    tasks that only read. Error texts are truncated to `max_error_bytes` bytes of JSON.
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
    run = event.run if isinstance(event, RunEvent | StepReportEvent | TaskEvent) else None
    head = event.head if isinstance(event, RunEvent | StepReportEvent | TaskEvent) else None
    step = event.step if isinstance(event, StepReportEvent | TaskEvent) else None
    task_context = TaskContext(TaskEnvironment.load(), lambda_context.aws_request_id, run, head)
    began = time.monotonic()
    outcome = "Defect"
    with log_context(name, task_context.request_id, run, step):
        try:
            if isinstance(event, WaitingEvent):
                progress = StepCall(name, work, event, task_context, requires_lock=requires_lock).run()  # type: ignore[arg-type]
                outcome = "Done" if progress.status is PollStatus.DONE else "Waiting"
                logger.info(progress.detail)
                return progress.model_dump(mode="json")
            answer = work(event, task_context)
            outcome = "Done"
            logger.info(outcome)
            return answer.model_dump(mode="json")  # type: ignore[union-attr]
        except LeewardError as error:
            outcome = "Retryable" if isinstance(error, Transient) else "Failed"
            logger.warning(f"{type(error).__name__}: {error}")
            raise _truncate_error(error, max_error_bytes) from None
        except Exception as error:
            logger.exception("unexpected error")
            named = UnexpectedError(f"{type(error).__name__}: {error}")
            raise _truncate_error(named, max_error_bytes) from None
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


def _truncate_error(error: Exception, max_error_bytes: int) -> Exception:
    """Return the error with the same class name, a text of at most `max_error_bytes`, and no traceback.

    The log has the traceback, which Lambda would otherwise add to the error that the state machine stores.
    """
    text = truncate_text(str(error), max_error_bytes)
    if text == str(error):
        return error.with_traceback(None)
    truncated: Exception = type(type(error).__name__, (Exception,), {"__module__": type(error).__module__})(text)
    return truncated
