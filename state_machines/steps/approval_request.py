"""`approval.request`: wait for an operator's approval before the run continues."""

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
from leeward.state_machines.step_kinds.step_effects import ApprovalQuestion, StepEffect
from leeward.state_machines.step_kinds.step_model import StepModel

_DECISION_PATH = "$.decision"


class ApprovalRequestStep(StepModel):
    """Ask for approval and wait for the answer. A run whose input has `approve: true` doesn't ask."""

    default_timeout: ClassVar[timedelta] = timedelta(minutes=30)

    kind: Literal["approval.request"]
    message: ShortText = Field(description="The message for the approver")
    on_silence: Literal["reject", "approve"] = Field(
        "reject", description="What it means when no answer arrives within `timeout`"
    )
    two_person: bool = Field(
        False, description="Whoever started the run can't approve it, not even with `approve: true` in its input"
    )

    @property
    def effects(self) -> tuple[StepEffect, ...]:
        """Return what this step does to servers, traffic, and protection."""
        return (ApprovalQuestion(silence_approves=self.on_silence == "approve"),)


def compile(step: ApprovalRequestStep, context: StepContext) -> Fragment:
    """Build the states: skip if the run is already approved, ask, and evaluate the answer."""
    exits = context.exits
    ask, decide, rejected, unclear, silent = (
        context.new_state_name(word)
        for word in ("wait for the answer", "answered", "rejected", "not understood", "no answer")
    )
    parameters: dict[str, Json] = {"message": step.message, "default": step.on_silence}
    parameters |= {"expires_seconds": context.timeout_seconds, "two_person": step.two_person}
    # With two-person approval, the approval in the run's input doesn't count, so the step always asks.
    first_state = context.entry if step.two_person else ask
    caught = (Catcher(TIMEOUT_ERRORS, silent), *step_catchers(exits.failed, exits.unexpected))
    states: States = {
        first_state: invoke_function(
            function_name("approval_request"),
            task_payload(context.step, parameters) | {"token.$": "$$.Task.Token"},
            next=decide,
            catch=caught,
            comment=f"Ask for approval, and wait up to {durations.format_duration(context.timeout_seconds)}. No answer "
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
                    rejected,
                ),
            ),
            unclear,
            "Continue only after a clear approval",
        ),
        rejected: _reject_state(
            format_string(f"{_DECISION_PATH}.by", " rejected: ", f"{_DECISION_PATH}.reason"), exits.failed
        ),
        unclear: _reject_state(
            format_string("The answer was not a clear approval: ", json_to_string(_DECISION_PATH)), exits.failed
        ),
    }
    if not step.two_person:
        approved = "Skip the question if the run was approved in its input"
        states = {
            context.entry: ChoiceState(((Comparison("$.run.approved", True), exits.done),), ask, approved)
        } | states
    return Fragment(states | {silent: _no_answer_state(step, context)})


def _reject_state(cause: str, after: str) -> PassState:
    return PassState({"Error": "Rejected", "Cause.$": cause}, after, "$.error", "The step has failed")


def _no_answer_state(step: ApprovalRequestStep, context: StepContext) -> PassState:
    text = f"No answer within {durations.format_duration(context.timeout_seconds)}"
    if step.on_silence == "approve":
        decision: dict[str, Json] = {"decision": "approve", "by": "nobody", "reason": text}
        return PassState(decision, context.exits.done, _DECISION_PATH, "No answer means approval in this runbook")
    error: dict[str, Json] = {"Error": "Rejected", "Cause": f"{text}, which means rejection"}
    return PassState(error, context.exits.failed, "$.error", "No answer means rejection in this runbook")
