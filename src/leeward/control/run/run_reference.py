"""One run: what a person gives to start it, and the reference that every task of it carries."""

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

# A caller's clock may be a little ahead of ours.
_CLOCK_SKEW = timedelta(seconds=60)
# Without the lock two runs could act at once, and an approval is given by `approve`, or by a second person alone.
NEVER_SKIPPED = frozenset({"lock", "approval.request"})


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _require_written_time(value: object) -> object:
    if value is not None and not isinstance(value, str | datetime):
        raise ValueError("write a time with its zone, such as 2026-03-01T09:00:00Z")
    return value


InputTime = Annotated[AwareDatetime, BeforeValidator(_require_written_time)]


# Every state carries the run's reference, and Step Functions allows a state 256 KiB.
InputText = Annotated[StrictStr, Field(max_length=1000)]
InputName = Annotated[StrictStr, Field(max_length=300)]


class RunInput(_Model):
    """What a person may give to Start execution; every key is optional."""

    reason: InputText | None = None
    approve: StrictBool = False
    incident_at: InputTime | None = None
    accept_data_loss: StrictBool = False
    point_in_time: InputTime | None = None
    take_over: InputName | None = None
    waive_lock: InputName | None = None
    skip: tuple[InputName, ...] = ()


class RunbookStep(_Model):
    """A step as the runbook lists it."""

    id: str
    name: str
    kind: str


class RunbookSummary(_Model):
    """What the first state knows of its runbook. Objectives in seconds."""

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
    """The run, as every task is told of it: constant after the first state. Times are ISO 8601 with a zone."""

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
    # Ids of the steps that are passed over, each true: what the state machine asks before each step.
    skip: dict[str, bool] = Field(default_factory=dict)


def begin_run(execution: ExecutionContext, runbook: RunbookSummary, now: datetime) -> RunRef:
    """The reference of a run that begins. Raises InvalidInput that lists everything wrong with the input.

    The id names application and runbook too: an execution's name is unique within its own state machine only, and a
    run that met another run's jobs under its own id would take them for its own.
    """
    given = parse_input(execution.input, now)
    if given.waive_lock not in (None, runbook.origin):
        raise InvalidInput(
            f"the run's input: waive_lock is {given.waive_lock!r}; only the Region that the run leaves can be meant, "
            f"{runbook.origin!r}"
        )
    return RunRef(
        id=f"{runbook.application}.{runbook.runbook}.{execution.name}",
        application=runbook.application,
        runbook=runbook.runbook,
        origin=runbook.origin,
        target=runbook.target,
        started_at=execution.started_at,
        incident_at=given.incident_at,
        point_in_time=given.point_in_time,
        accept_data_loss=given.accept_data_loss,
        approved=given.approve,
        reason=given.reason,
        take_over=given.take_over,
        waive_lock=given.waive_lock,
        skip={step.id: True for step in skipped_steps(given, runbook.steps)},
    )


def skipped_steps(run_input: RunInput, steps: Sequence[RunbookStep]) -> tuple[RunbookStep, ...]:
    """The steps that the input's `skip` names, by name or by id, in the runbook's order. Raises InvalidInput."""
    names = {step.id: step for step in steps} | {step.name: step for step in steps}
    for wanted in run_input.skip:
        step = names.get(wanted)
        if step is None:
            near = difflib.get_close_matches(wanted, names, n=1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            there = ", ".join(step.name for step in steps if step.kind not in NEVER_SKIPPED)
            raise InvalidInput(f"the run's input: skip: there is no step {wanted!r}{hint} (it can skip: {there})")
        if step.kind in NEVER_SKIPPED:
            raise InvalidInput(f"the run's input: skip: {step.name!r} is never skipped, for it is {step.kind}")
    chosen = {names[wanted].id for wanted in run_input.skip}
    return tuple(step for step in steps if step.id in chosen)


def parse_input(raw: object, now: datetime) -> RunInput:
    """The input of a run, checked. `now` is time zone aware. Raises InvalidInput."""
    if not isinstance(raw, dict):
        raise InvalidInput(f"the run's input is {type(raw).__name__}; expected an object such as {{}}")
    try:
        given = RunInput.model_validate(raw)
    except ValidationError as error:
        problems = [_describe_problem(str(e["loc"][0]), e["type"], e["msg"]) for e in error.errors(include_url=False)]
        raise InvalidInput("the run's input: " + "; ".join(problems)) from error
    for key in ("incident_at", "point_in_time"):
        at: datetime | None = getattr(given, key)
        if at is not None and at > now + _CLOCK_SKEW:
            raise InvalidInput(f"the run's input: {key} {at.isoformat()} is in the future (now {now.isoformat()})")
    return given


def _describe_problem(key: str, kind: str, message: str) -> str:
    known = list(RunInput.model_fields)
    if kind == "extra_forbidden":
        near = difflib.get_close_matches(key, known, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        return f"unknown key {key!r}{hint} (known: {', '.join(known)})"
    if kind == "timezone_aware":
        message = "the time needs a zone, such as 2026-03-01T09:00:00Z"
    return f"{key}: {message.removeprefix('Value error, ')}"
