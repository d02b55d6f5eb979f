"""`approval.request`: a person says yes before the run goes on."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar, Literal

from pydantic import Field

from leeward.base import durations
from leeward.state_machines.asl import (
    AllOf,
    Catcher,
    ChoiceState,
    Comparison,
    Json,
    PassState,
    PresenceTest,
    States,
    present_and_equals,
)
from leeward.state_machines.asl.intrinsic_functions import format_string, json_to_string
from leeward.state_machines.fields.field_types import ShortText
from leeward.state_machines.fragments.lambda_tasks import (
    INVOKE_AND_WAIT_RESOURCE,
    function_name,
    invoke_function,
    task_payload,
)
from leeward.state_machines.fragments.retries import RETRY_QUESTION, TIMEOUT_ERRORS, step_catchers
from leeward.state_machines.fragments.step_context import Fragment, StepContext
from leeward.state_machines.steps.step_kind import StepKind, StepModel

_DECISION_PATH = "$.decision"


class ApprovalRequestStep(StepModel):
    """Ask for approval, and wait for the answer. A run whose input says `approve: true` does not ask."""

    default_timeout: ClassVar[timedelta] = timedelta(minutes=30)

    kind: Literal["approval.request"]
    message: ShortText = Field(description="What the approver is told")
    on_silence: Literal["reject", "approve"] = Field("reject", description="What no answer within `timeout` means")
    two_person: bool = Field(
        False, description="The one who started the run can't approve it; nor does `approve: true` at its start"
    )


def compile(step: ApprovalRequestStep, context: StepContext) -> Fragment:
    """Approved already? -> ask -> the answer."""
    exits = context.exits
    ask, decide, said_no, unclear, silent = (
        context.new_state_name(word)
        for word in ("wait for the answer", "answered", "rejected", "not understood", "no answer")
    )
    parameters: dict[str, Json] = {"message": step.message, "default": step.on_silence}
    parameters |= {"expires_seconds": context.timeout_seconds, "two_person": step.two_person}
    # Two people: what the starter says beforehand does not count, so that it is asked in any case.
    asking = context.entry if step.two_person else ask
    caught = (Catcher(TIMEOUT_ERRORS, silent), *step_catchers(exits.failed, exits.unexpected))
    states: States = {
        asking: invoke_function(
            function_name("approval_request"),
            task_payload(context.step, parameters) | {"token.$": "$$.Task.Token"},
            next=decide,
            catch=caught,
            comment=f"Ask, and wait up to {durations.format_duration(context.timeout_seconds)}; silence "
            f"means {step.on_silence}",
            timeout_seconds=context.timeout_seconds,
            result_path=_DECISION_PATH,
            retry=RETRY_QUESTION,
            resource=INVOKE_AND_WAIT_RESOURCE,
        ),
        decide: ChoiceState(
            (
                (present_and_equals(f"{_DECISION_PATH}.decision", "approve"), exits.done),
                (
                    AllOf(
                        (
                            present_and_equals(f"{_DECISION_PATH}.decision", "reject"),
                            PresenceTest(f"{_DECISION_PATH}.by", "IsString"),
                            PresenceTest(f"{_DECISION_PATH}.reason", "IsString"),
                        )
                    ),
                    said_no,
                ),
            ),
            unclear,
            "Only a clear yes goes on",
        ),
        said_no: _reject_state(
            format_string(f"{_DECISION_PATH}.by", " said no: ", f"{_DECISION_PATH}.reason"), exits.failed
        ),
        unclear: _reject_state(
            format_string("The answer was no clear yes: ", json_to_string(_DECISION_PATH)), exits.failed
        ),
    }
    if not step.two_person:
        approved = "A run that was approved at its start does not ask"
        states = {
            context.entry: ChoiceState(((Comparison("$.run.approved", True), exits.done),), ask, approved)
        } | states
    return Fragment(states | {silent: _no_answer_state(step, context)})


def _reject_state(cause: str, after: str) -> PassState:
    return PassState({"Error": "Rejected", "Cause.$": cause}, after, "$.error", "The step has failed")


def _no_answer_state(step: ApprovalRequestStep, context: StepContext) -> PassState:
    text = f"Nobody answered within {durations.format_duration(context.timeout_seconds)}"
    if step.on_silence == "approve":
        decision: dict[str, Json] = {"decision": "approve", "by": "nobody", "reason": text}
        return PassState(decision, context.exits.done, _DECISION_PATH, "The runbook takes silence for a yes")
    error: dict[str, Json] = {"Error": "Rejected", "Cause": f"{text}, and silence is a no"}
    return PassState(error, context.exits.failed, "$.error", "The runbook takes silence for a no")


KIND = StepKind(ApprovalRequestStep, compile, may_be_skipped=False)
