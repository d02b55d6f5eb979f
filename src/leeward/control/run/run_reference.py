"""The input of a run, its validation, and the run reference that every task receives."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated

from pydantic import (
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    StrictStr,
    ValidationError,
)

from leeward.common.errors import InvalidInput
from leeward.kinds.registry import may_be_skipped

# Tolerance for a caller's clock that is ahead.
_CLOCK_SKEW = timedelta(seconds=60)


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


def _require_written_time(value: object) -> object:
    if value is not None and not isinstance(value, str | datetime):
        raise ValueError("write a time with its zone, such as 2026-03-01T09:00:00Z")
    return value


InputTime = Annotated[AwareDatetime, BeforeValidator(_require_written_time)]


# Every state contains the run's reference, and Step Functions limits a state to 256 KiB.
InputText = Annotated[StrictStr, Field(max_length=1000)]
InputName = Annotated[StrictStr, Field(max_length=300)]


class RunInput(_Model):
    """The input of an execution. Every key is optional."""

    reason: InputText | None = None
    approve: StrictBool = False
    incident_at: InputTime | None = None
    accept_data_loss: StrictBool = False
    point_in_time: InputTime | None = None
    take_over: InputName | None = None
    waive_lock: InputName | None = None
    skip: tuple[InputName, ...] = ()


class RunbookStep(_Model):
    """A step of the runbook."""

    id: str
    name: str
    kind: str


class RunbookSummary(_Model):
    """The runbook's summary, which is part of the first state's input. Objectives are in seconds."""

    application: str
    runbook: str
    origin: str
    target: str
    rto_seconds: int
    rpo_seconds: int
    steps: list[RunbookStep]


class ExecutionContext(_Model):
    """The Step Functions execution, from its context object. `id` is its ARN."""

    id: str
    name: str
    started_at: AwareDatetime
    input: object = None


class RunRef(_Model):
    """The run reference that every task receives, constant after the first state. Times are ISO 8601 with a zone."""

    id: str
    application: str
    runbook: str
    origin: str
    target: str
    started_at: AwareDatetime
    incident_at: AwareDatetime | None = None
    point_in_time: AwareDatetime | None = None
    accept_data_loss: bool = False
    approved: bool = False
    reason: str | None = None
    take_over: str | None = None
    waive_lock: str | None = None
    # Ids of the skipped steps, each mapped to true. The state machine checks it before each step.
    skip: dict[str, bool] = Field(default_factory=dict)


def begin_run(execution: ExecutionContext, runbook: RunbookSummary, now: datetime) -> RunRef:
    """Return the reference of a run that begins. Raises InvalidInput that lists everything wrong with the input.

    The id contains the application and the runbook, because an execution's name is unique only within its own state
    machine. A run that found another run's jobs under its own id would treat them as its own.
    """
    run_input = parse_input(execution.input, now)
    if run_input.waive_lock not in (None, runbook.origin):
        raise InvalidInput(
            f"the run's input: waive_lock is {run_input.waive_lock!r}, but only the origin Region can be waived: "
            f"{runbook.origin!r}"
        )
    return RunRef(
        id=f"{runbook.application}.{runbook.runbook}.{execution.name}",
        application=runbook.application,
        runbook=runbook.runbook,
        origin=runbook.origin,
        target=runbook.target,
        started_at=execution.started_at,
        incident_at=run_input.incident_at,
        point_in_time=run_input.point_in_time,
        accept_data_loss=run_input.accept_data_loss,
        approved=run_input.approve,
        reason=run_input.reason,
        take_over=run_input.take_over,
        waive_lock=run_input.waive_lock,
        skip={step.id: True for step in skipped_steps(run_input, runbook.steps)},
    )


def skipped_steps(run_input: RunInput, steps: Sequence[RunbookStep]) -> tuple[RunbookStep, ...]:
    """Return the steps that `skip` lists, in the runbook's order. `skip` contains names or ids.

    Raises InvalidInput when a step doesn't exist or can't be skipped.
    """
    steps_by_name = {step.id: step for step in steps} | {step.name: step for step in steps}
    for name in run_input.skip:
        step = steps_by_name.get(name)
        if step is None:
            near = difflib.get_close_matches(name, steps_by_name, n=1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            skippable = ", ".join(step.name for step in steps if may_be_skipped(step.kind))
            raise InvalidInput(f"the run's input: skip: there is no step {name!r}{hint} (you can skip: {skippable})")
        if not may_be_skipped(step.kind):
            raise InvalidInput(
                f"the run's input: skip: {step.name!r} can't be skipped, because its kind is {step.kind}"
            )
    ids = {steps_by_name[name].id for name in run_input.skip}
    return tuple(step for step in steps if step.id in ids)


def parse_input(raw: object, now: datetime) -> RunInput:
    """Parse and validate the input of a run. `now` has a time zone. Raises InvalidInput."""
    if not isinstance(raw, dict):
        raise InvalidInput(f"the run's input is {type(raw).__name__}; expected an object such as {{}}")
    try:
        run_input = RunInput.model_validate(raw)
    except ValidationError as error:
        problems = [_describe_problem(str(e["loc"][0]), e["type"], e["msg"]) for e in error.errors(include_url=False)]
        raise InvalidInput("the run's input: " + "; ".join(problems)) from error
    for key in ("incident_at", "point_in_time"):
        at: datetime | None = getattr(run_input, key)
        if at is not None and at > now + _CLOCK_SKEW:
            raise InvalidInput(f"the run's input: {key} {at.isoformat()} is in the future (now {now.isoformat()})")
    return run_input


def _describe_problem(key: str, kind: str, message: str) -> str:
    known = list(RunInput.model_fields)
    if kind == "extra_forbidden":
        near = difflib.get_close_matches(key, known, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        return f"unknown key {key!r}{hint} (known: {', '.join(known)})"
    if kind == "timezone_aware":
        message = "the time needs a zone, such as 2026-03-01T09:00:00Z"
    return f"{key}: {message.removeprefix('Value error, ')}"
