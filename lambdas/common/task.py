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
from leeward.common.polling import Look, Progress
from leeward.common.signals import Announced, RunMetric
from leeward.common.text import LONGEST_TEXT, shortened
from leeward.control import lock
from leeward.lambdas.common.environment import Environment
from leeward.lambdas.common.events import AsideEvent, Detail, Parameters, RunEvent, TaskEvent, TokenEvent, WaitingEvent
from leeward.lambdas.common.observability import bound, count, logger, tracer
from leeward.lambdas.common.signals import announce
from leeward.lambdas.common.signals import count as count_run
from leeward.lambdas.common.steps import StepRecord
from leeward.lambdas.common.workbench import Workbench

E = TypeVar("E", bound=BaseModel)
Handler = Callable[[dict[str, object], LambdaContext], dict[str, object]]


def task(
    model: type[E], *, fenced: bool = True, longest: int = LONGEST_TEXT
) -> Callable[[Callable[[E, Workbench], BaseModel | Look]], Handler]:
    """Make a Lambda handler of a function that takes the parsed event and a workbench.

    The function answers a model, or a `Look`: a waiting task's becomes a `Progress`, another's a `Detail`. A task of a
    step is `fenced`: it does nothing while another run holds the application's lock; not so a task that only looks.
    An error's text is no longer than `longest` bytes of JSON.
    """

    def decorate(work: Callable[[E, Workbench], BaseModel | Look]) -> Handler:
        name = work.__module__.rsplit(".", 1)[-1]

        def handler(event: dict[str, object], context: LambdaContext) -> dict[str, object]:
            return _carry_out(name, model, work, event, context, fenced=fenced, longest=longest)

        handler.__doc__, handler.__module__ = work.__doc__, work.__module__
        traced: Handler = tracer.capture_lambda_handler(handler, capture_response=False)
        traced.event_model = model  # type: ignore[attr-defined]  # what a state machine must send, for whoever checks
        return traced

    return decorate


def _carry_out(
    name: str,
    model: type[E],
    work: Callable[[E, Workbench], BaseModel | Look],
    raw: dict[str, object],
    context: LambdaContext,
    *,
    fenced: bool,
    longest: int,
) -> dict[str, object]:
    event = parsed(model, raw, name)
    bench = Workbench(Environment.load(), context.aws_request_id)
    run = event.run if isinstance(event, RunEvent | AsideEvent | TaskEvent) else None
    step = event.step if isinstance(event, AsideEvent | TaskEvent) else None
    record = _record(event, bench, name)
    began = time.monotonic()
    outcome = "Defect"
    with bound(name, bench.request_id, run, step):
        try:
            if record is not None and _is_first(event):
                record.started()
            if fenced and isinstance(event, TaskEvent) and not isinstance(event, TokenEvent):
                lock.check(bench.table, event.run)
            answer = work(event, bench)
            outcome = "Waiting" if isinstance(answer, Look) and not answer.done else "Done"
            if record is not None and isinstance(answer, Look):
                link = record.looked(answer)
                if answer.done and isinstance(event, TaskEvent):
                    announce(bench, Announced.STEP_DONE, event.run, link, event.step)
                    count_run(
                        event.run, {RunMetric.STEP_DONE: 1, RunMetric.STEP_SECONDS: _seconds(event, bench, began)}
                    )
            logger.info(answer.detail if isinstance(answer, Look) else outcome)
            return _worded(event, answer, bench)
        except LeewardError as error:
            outcome = "Retryable" if isinstance(error, Transient) else "Failed"
            logger.warning(f"{type(error).__name__}: {error}")
            _journal_failure(record, error)
            raise _carried(error, longest) from None
        except Exception as error:
            logger.exception("an error that no one foresaw")
            _journal_failure(record, error)
            raise _carried(error, longest) from None
        finally:
            count(name, outcome, time.monotonic() - began, run)


def parsed(model: type[E], raw: Mapping[str, object], name: str) -> E:
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


def _record(event: BaseModel, bench: Workbench, name: str) -> StepRecord | None:
    """Token tasks and those of the run as a whole are no steps: they write their own entries."""
    if not isinstance(event, TaskEvent) or isinstance(event, TokenEvent):
        return None
    parameters = event.parameters
    part = parameters.part if isinstance(parameters, Parameters) else None
    return StepRecord(bench.journal(event.run.id), event.step, name, part)


def _is_first(event: BaseModel) -> bool:
    return not isinstance(event, WaitingEvent) or event.poll.started_at is None


def _carried(error: Exception, longest: int) -> Exception:
    """The error as the state machine is to carry it: by its own name, its text no longer than a state may hold, and
    without the stack that Lambda would add, which is in the log."""
    text = shortened(str(error), longest)
    if text == str(error):
        return error.with_traceback(None)
    carried: Exception = type(type(error).__name__, (Exception,), {"__module__": type(error).__module__})(text)
    return carried


def _seconds(event: BaseModel, bench: Workbench, began: float) -> float:
    """How long the task has been at it, over all its calls."""
    if isinstance(event, WaitingEvent) and event.poll.started_at is not None:
        return float(event.poll.elapsed_seconds(bench.now))
    return time.monotonic() - began


def _worded(event: BaseModel, answer: BaseModel | Look, bench: Workbench) -> dict[str, object]:
    if isinstance(answer, Look):
        if isinstance(event, WaitingEvent):
            answer = Progress.after(event.poll, bench.now, done=answer.done, detail=shortened(answer.detail))
        else:
            answer = Detail(detail=shortened(answer.detail))
    return answer.model_dump(mode="json")


def _journal_failure(record: StepRecord | None, error: Exception) -> None:
    """The error itself matters more than its record: where that can't be written, the log says so."""
    if record is None:
        return
    try:
        record.failed(error)
    except LeewardError as unwritten:
        logger.error(f"the failure could not be journaled: {unwritten}")
