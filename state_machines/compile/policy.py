"""What follows a step's failure: stop, retry, ask, continue or undo. The one construct for every step kind.

failed -> record -> [try again? -> again -> the step] -> stop | what now? | the next step | the way back
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import assert_never

from leeward.common import durations
from leeward.state_machines.asl import Catcher, Choice, Equals, Json, Pass, States, present_and_equals
from leeward.state_machines.asl.intrinsics import add, concat
from leeward.state_machines.compile.context import Context, Fragment
from leeward.state_machines.compile.frame import Ends
from leeward.state_machines.compile.retries import FORESEEN, HEARTBEAT, RETRY_QUESTION, catch_all
from leeward.state_machines.compile.tasks import INVOKE_AND_WAIT, call, function_name, payload
from leeward.state_machines.documents.policy import FailurePolicy, OnFailure

# How long a person has to answer before the run stops.
QUESTION_SECONDS = 1800


@dataclass(frozen=True, slots=True)
class Failure:
    """What a policy needs to know beyond the step itself."""

    policy: FailurePolicy
    ends: Ends
    way_back: str | None
    step_ids: tuple[str, ...]


def after_failure(context: Context, fragment: Fragment, failure: Failure) -> States:
    """The states that start at `context.exits.failed`, and that of `context.exits.unforeseen`."""
    again = context.name("again")
    final, states = _finally(context, failure, again)
    if failure.policy.retry:
        choice = context.name("try again?")
        states = {
            choice: Choice(
                ((Equals(f"$.attempts.{context.step.id}", failure.policy.retry, "LessThanEquals"), again),),
                final,
                f"Tried again up to {_times(failure.policy.retry)}",
            )
        } | states
        final = choice
    if failure.policy.retry or failure.policy.then is OnFailure.ASK:
        states[again] = _count(context, failure.step_ids)
    return _record(context, fragment, final) | states | _unforeseen(context)


def _record(context: Context, fragment: Fragment, after: str) -> States:
    exits = context.exits
    parameters: dict[str, Json] = fragment.failure_json() | {"policy": context.policy}
    unrecorded = fragment.unrecorded or exits.unforeseen
    return {
        exits.failed: call(
            function_name("record_failure"),
            payload(context.step, parameters),
            next=after,
            # At a path of its own: $.error still holds what the step failed of.
            catch=(catch_all(unrecorded, "$.unrecorded"),),
            comment=f"Write the failure down. Policy: {context.policy}",
            result_selector={f"{member}.$": f"$.Payload.{member}" for member in ("step", "error", "cause")},
            result_path="$.failure",
        )
    }


def _unforeseen(context: Context) -> States:
    failure: dict[str, Json] = {"step": context.step.id, "error.$": "$.error.Error", "cause.$": "$.error.Cause"}
    comment = "An error that no one foresaw: stop here and keep the lock"
    return {context.exits.unforeseen: Pass(failure, context.exits.halt, "$.failure", comment)}


def _finally(context: Context, failure: Failure, again: str) -> tuple[str, States]:
    match failure.policy.then:
        case OnFailure.STOP:
            return failure.ends.stopped, {}
        case OnFailure.CONTINUE:
            return context.exits.done, {}
        case OnFailure.UNDO:
            return failure.way_back or failure.ends.stopped, {}
        case OnFailure.ASK:
            return _ask(context, failure.ends.stopped, again)
        case _:
            assert_never(failure.policy.then)


def _ask(context: Context, stop: str, again: str) -> tuple[str, States]:
    ask, decide, silent = (context.name(word) for word in ("what now?", "decided", "no answer"))
    asked: dict[str, Json] = {"failure.$": "$.failure", "default": "abort", "expires_seconds": QUESTION_SECONDS}
    question = payload(context.step, asked) | {"token.$": "$$.Task.Token"}
    return ask, {
        ask: call(
            function_name("ask"),
            question,
            next=decide,
            catch=(Catcher((*FORESEEN, HEARTBEAT), silent), catch_all(context.exits.halt)),
            comment=f"Ask the operator: retry, skip or abort; no answer within {_QUESTION} is abort",
            timeout_seconds=QUESTION_SECONDS,
            result_path="$.decision",
            retry=RETRY_QUESTION,
            resource=INVOKE_AND_WAIT,
        ),
        decide: Choice(
            (
                (present_and_equals("$.decision.decision", "retry"), again),
                (present_and_equals("$.decision.decision", "skip"), context.exits.done),
            ),
            stop,
            "Anything but retry or skip is abort",
        ),
        silent: Pass(
            {
                "decision": "abort",
                "by": "nobody",
                "reason.$": concat(f"No answer came within {_QUESTION}, or none could be asked for: ", "$.error.Error"),
            },
            stop,
            "$.decision",
            "Silence is abort",
        ),
    }


def _count(context: Context, step_ids: tuple[str, ...]) -> Pass:
    """One more attempt of this step. A Pass makes whole objects, so the other steps' counts are copied."""
    counts: dict[str, Json] = {f"{step_id}.$": f"$.attempts.{step_id}" for step_id in step_ids}
    counts[f"{context.step.id}.$"] = add(f"$.attempts.{context.step.id}", 1)
    return Pass(counts, context.entry, "$.attempts", "Count the attempt, and try the step again")


def _times(number: int) -> str:
    return "once" if number == 1 else f"{number} times"


_QUESTION = durations.show(QUESTION_SECONDS)
