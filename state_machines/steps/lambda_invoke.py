"""`lambda.invoke`: call a team's own function.

The function receives {"run", "step", "input"}, and raises an error to fail the step. Like every task, it must be safe
to call twice.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, JsonValue, WithJsonSchema

from leeward.state_machines.asl import JsonObject
from leeward.state_machines.diagnostics.document_locations import DocumentLocation
from leeward.state_machines.diagnostics.problems import DocumentProblem
from leeward.state_machines.fragments.lambda_tasks import invoke_function
from leeward.state_machines.fragments.retries import RETRY_TEAM_FUNCTION, team_function_catchers
from leeward.state_machines.fragments.step_context import Fragment, StepContext
from leeward.state_machines.rules.arn_rules import check_arn
from leeward.state_machines.rules.step_scope import StepScope
from leeward.state_machines.step_kinds.step_model import StepModel

_FUNCTION_NAME_PATTERN = re.compile(r"[A-Za-z0-9_-]{1,64}")


def _check_function_name(text: str) -> str:
    if not text.startswith("arn:") and not _FUNCTION_NAME_PATTERN.fullmatch(text):
        raise ValueError(f'"{text}" is not a Lambda function; expected its name or its ARN')
    return text


FunctionNameOrArn = Annotated[
    str, AfterValidator(_check_function_name), WithJsonSchema({"type": "string", "minLength": 1})
]


class LambdaInvokeStep(StepModel):
    """Call a team's own function in the target Region. An error that it raises fails the step."""

    kind: Literal["lambda.invoke"]
    function: FunctionNameOrArn = Field(description="The function's name, or its ARN in the target Region")
    input: Mapping[str, JsonValue] = Field(default_factory=dict, description="The `input` of the function")
    undo: FunctionNameOrArn | None = Field(None, description="The function that undoes the step, with the same input")


def check(step: LambdaInvokeStep, scope: StepScope) -> Iterator[DocumentProblem]:
    """Check that the ARNs are of functions in the target Region, and that the input has no paths."""
    for field, text in (("function", step.function), ("undo", step.undo)):
        if text is not None and text.startswith("arn:"):
            yield from _check_function_arn(text, scope.location.child(field), scope)
    yield from _check_no_paths(step.input, scope.location.child("input"))


def _check_function_arn(text: str, location: DocumentLocation, scope: StepScope) -> Iterator[DocumentProblem]:
    try:
        yield from check_arn(
            text, location, scope.application, service="lambda", resource="function", region=scope.run_regions.target
        )
    except ValueError as error:
        yield location.problem(str(error))


def _check_no_paths(
    value: JsonValue | Mapping[str, JsonValue], location: DocumentLocation
) -> Iterator[DocumentProblem]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if key.endswith(".$"):
                yield location.child(key).problem(
                    f'the key "{key}" ends in .$, which a state machine would read as a path', key=True
                )
            yield from _check_no_paths(inner, location.child(key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _check_no_paths(inner, location.child(index))


def compile(step: LambdaInvokeStep, context: StepContext) -> Fragment:
    """Build one call of the team's function."""
    return _call_function(step, context, step.function, "Call the team's own function")


def undo(step: LambdaInvokeStep, context: StepContext) -> Fragment:
    """Build one call of the team's function that undoes the step."""
    if step.undo is None:
        raise LookupError("the step has no function that undoes it")
    return _call_function(step, context, step.undo, "Call the team's own function that undoes the step")


def _call_function(step: LambdaInvokeStep, context: StepContext, function: str, comment: str) -> Fragment:
    exits = context.exits
    payload: JsonObject = {"run.$": "$.run", "step": context.step.to_json(), "input": step.input}
    state = invoke_function(
        function,
        payload,
        next=exits.done,
        catch=team_function_catchers(exits.failed, exits.unexpected),
        comment=comment,
        timeout_seconds=context.timeout_seconds,
        retry=RETRY_TEAM_FUNCTION,
    )
    return Fragment({context.entry: state})


def can_undo(step: LambdaInvokeStep) -> bool:
    """Return whether the document names a function that undoes the step."""
    return step.undo is not None
