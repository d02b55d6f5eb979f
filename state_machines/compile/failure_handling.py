"""Builds the states that follow a step's failure: stop, retry, ask, continue, or undo. All step kinds use them.

failed -> record -> [try again? -> again -> the step] -> stop | what now? | the next step | rollback
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import assert_never

from leeward.base import durations
from leeward.state_machines.asl import Catcher, ChoiceState, Comparison, Json, PassState, States, present_and_equals
from leeward.state_machines.asl.intrinsic_functions import format_string, math_add
from leeward.state_machines.compile.run_frame import EndStates
from leeward.state_machines.fields.failure_policy import FailurePolicy, OnFailure
from leeward.state_machines.fragments.lambda_tasks import (
    INVOKE_AND_WAIT_RESOURCE,
    function_name,
    invoke_function,
    task_payload,
)
from leeward.state_machines.fragments.retries import RETRY_QUESTION, RETRY_RECORD, UNEXPECTED_ERRORS, catch_all
from leeward.state_machines.fragments.step_context import StepContext

# How long an operator has to answer before the run stops.
QUESTION_TIMEOUT_SECONDS = 1800


@dataclass(frozen=True, slots=True)
class FailureContext:
    """What the failure policy needs to know in addition to the step."""

    policy: FailurePolicy
    end_states: EndStates
    undo_entry: str | None
    step_ids: tuple[str, ...]


def build_failure_states(context: StepContext, failure_context: FailureContext) -> States:
    """Return the states that start at `context.exits.failed` and the state at `context.exits.unexpected`."""
    again = context.new_state_name("again")
    final, states = _final_action(context, failure_context, again)
    if failure_context.policy.retry:
        choice = context.new_state_name("try again?")
        states = {
            choice: ChoiceState(
                ((Comparison(f"$.attempts.{context.step.id}", failure_context.policy.retry, "LessThanEquals"), again),),
                final,
                f"Tried again up to {_times_text(failure_context.policy.retry)}",
            )
        } | states
        final = choice
    if failure_context.policy.retry or failure_context.policy.then is OnFailure.ASK:
        states[again] = _count_attempt(context, failure_context.step_ids)
    return _record_failure(context, final) | states | _stop_at_unexpected_error(context, failure_context.end_states)


def _record_failure(context: StepContext, after: str) -> States:
    exits = context.exits
    parameters: dict[str, Json] = {"error.$": "$.error", "policy": context.policy}
    return {
        exits.failed: invoke_function(
            function_name("record_failure"),
            task_payload(context.step, parameters),
            next=after,
            # A separate path, because $.error still holds the step's error.
            catch=(catch_all(exits.unexpected, "$.unrecorded"),),
            comment=f"Record the failure. Policy: {context.policy}",
            result_selector={f"{member}.$": f"$.Payload.{member}" for member in ("step", "error", "cause")},
            result_path="$.failure",
            retry=RETRY_RECORD,
        )
    }


def _stop_at_unexpected_error(context: StepContext, end_states: EndStates) -> States:
    failure: dict[str, Json] = {"step": context.step.id, "error.$": "$.error.Error", "cause.$": "$.error.Cause"}
    comment = "Unexpected error: stop and keep the lock"
    return {context.exits.unexpected: PassState(failure, end_states.halted, "$.failure", comment)}


def _final_action(context: StepContext, failure_context: FailureContext, retry_state: str) -> tuple[str, States]:
    match failure_context.policy.then:
        case OnFailure.STOP:
            return failure_context.end_states.stopped, {}
        case OnFailure.CONTINUE:
            return context.exits.done, {}
        case OnFailure.UNDO:
            return failure_context.undo_entry or failure_context.end_states.stopped, {}
        case OnFailure.ASK:
            return _ask_operator(context, failure_context.end_states, retry_state)
        case _:
            assert_never(failure_context.policy.then)


def _ask_operator(context: StepContext, end_states: EndStates, retry_state: str) -> tuple[str, States]:
    ask, decide, silent = (context.new_state_name(word) for word in ("what now?", "decided", "no answer"))
    parameters: dict[str, Json] = {
        "failure.$": "$.failure",
        "default": "abort",
        "expires_seconds": QUESTION_TIMEOUT_SECONDS,
    }
    question = task_payload(context.step, parameters) | {"token.$": "$$.Task.Token"}
    return ask, {
        ask: invoke_function(
            function_name("ask"),
            question,
            next=decide,
            catch=(Catcher(UNEXPECTED_ERRORS, end_states.halted), catch_all(silent)),
            comment=f"Ask the operator: retry, skip, or abort. No answer within {_QUESTION_TIMEOUT_TEXT} means abort",
            timeout_seconds=QUESTION_TIMEOUT_SECONDS,
            result_path="$.decision",
            retry=RETRY_QUESTION,
            resource=INVOKE_AND_WAIT_RESOURCE,
        ),
        decide: ChoiceState(
            (
                (present_and_equals("$.decision.decision", "retry"), retry_state),
                (present_and_equals("$.decision.decision", "skip"), context.exits.done),
            ),
            end_states.stopped,
            "Any answer other than retry or skip means abort",
        ),
        silent: PassState(
            {
                "decision": "abort",
                "by": "nobody",
                "reason.$": format_string(
                    f"No answer came within {_QUESTION_TIMEOUT_TEXT}, or none could be asked for: ", "$.error.Error"
                ),
            },
            end_states.stopped,
            "$.decision",
            "No answer means abort",
        ),
    }


def _count_attempt(context: StepContext, step_ids: tuple[str, ...]) -> PassState:
    """Return a state that adds one to this step's attempts. A Pass state replaces the whole object, so it copies the
    other counts.
    """
    counts: dict[str, Json] = {f"{step_id}.$": f"$.attempts.{step_id}" for step_id in step_ids}
    counts[f"{context.step.id}.$"] = math_add(f"$.attempts.{context.step.id}", 1)
    return PassState(counts, context.entry, "$.attempts", "Count the attempt and retry the step")


def _times_text(number: int) -> str:
    return "once" if number == 1 else f"{number} times"


_QUESTION_TIMEOUT_TEXT = durations.format_duration(QUESTION_TIMEOUT_SECONDS)
