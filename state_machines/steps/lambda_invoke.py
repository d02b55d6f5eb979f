"""`lambda.invoke`: a team's own function.

It is handed {"run", "step", "input"}, fails the step by raising, and must be safe to call twice, as every task is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, JsonValue, WithJsonSchema

from leeward.state_machines.asl import JsonObject
from leeward.state_machines.compile.context import Context, Fragment
from leeward.state_machines.compile.retries import RETRY_TEAM_FUNCTION, catches_of_team_function
from leeward.state_machines.compile.tasks import call
from leeward.state_machines.places import Place
from leeward.state_machines.problems import Problem
from leeward.state_machines.steps.base import StepKind, StepModel
from leeward.state_machines.validate.arns import check_arn
from leeward.state_machines.validate.scope import StepScope

_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")


def _function(text: str) -> str:
    if not text.startswith("arn:") and not _NAME.fullmatch(text):
        raise ValueError(f'"{text}" is no Lambda function; expected its name or its ARN')
    return text


Function = Annotated[str, AfterValidator(_function), WithJsonSchema({"type": "string", "minLength": 1})]


class Invoke(StepModel):
    """Call a function of the team's own in the target Region. An error that it raises is the step's failure."""

    kind: Literal["lambda.invoke"]
    function: Function = Field(description="The function's name, or its ARN in the target Region")
    input: Mapping[str, JsonValue] = Field(default_factory=dict, description="What the function gets as `input`")
    undo: Function | None = Field(None, description="The function that takes the effect back, with the same input")


def check(step: Invoke, scope: StepScope) -> Iterator[Problem]:
    """The ARNs are of functions in the target Region; the input holds no paths."""
    for field, text in (("function", step.function), ("undo", step.undo)):
        if text is not None and text.startswith("arn:"):
            yield from _check_function(text, scope.place.at(field), scope)
    yield from _paths(step.input, scope.place.at("input"))


def _check_function(text: str, place: Place, scope: StepScope) -> Iterator[Problem]:
    try:
        yield from check_arn(
            text, place, scope.application, service="lambda", resource="function", region=scope.way.target
        )
    except ValueError as error:
        yield place.problem(str(error))


def _paths(value: JsonValue | Mapping[str, JsonValue], place: Place) -> Iterator[Problem]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if key.endswith(".$"):
                yield place.at(key).problem(
                    f'the key "{key}" ends in .$, which a state machine would read as a path', key=True
                )
            yield from _paths(inner, place.at(key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _paths(inner, place.at(index))


def compile(step: Invoke, context: Context) -> Fragment:
    """One call of the team's function."""
    return _call(step, context, step.function, "Call the team's own function")


def undo(step: Invoke, context: Context) -> Fragment:
    """One call of the team's function that undoes."""
    if step.undo is None:
        raise LookupError("the step names no function that undoes it")
    return _call(step, context, step.undo, "Call the team's own function that takes the effect back")


def _call(step: Invoke, context: Context, function: str, comment: str) -> Fragment:
    exits = context.exits
    handed: JsonObject = {"run.$": "$.run", "step": context.step.to_json(), "input": step.input}
    state = call(
        function,
        handed,
        next=exits.done,
        catch=catches_of_team_function(exits.failed, exits.unforeseen),
        comment=comment,
        timeout_seconds=context.timeout_seconds,
        retry=RETRY_TEAM_FUNCTION,
    )
    return Fragment({context.entry: state})


def _can_undo(step: Invoke) -> bool:
    return step.undo is not None


KIND = StepKind(Invoke, compile, check=check, undo=undo, can_undo=_can_undo, changes=True)
