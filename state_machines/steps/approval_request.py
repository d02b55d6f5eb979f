"""`approval.request`: a person says yes before the run goes on."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar, Literal

from pydantic import Field

from leeward.common import durations
from leeward.state_machines.asl import All, Catcher, Choice, Equals, Json, Pass, Present, States, present_and_equals
from leeward.state_machines.asl.intrinsics import as_text, concat
from leeward.state_machines.compile.context import Context, Fragment
from leeward.state_machines.compile.retries import NO_ANSWER, RETRY_QUESTION, catches
from leeward.state_machines.compile.tasks import INVOKE_AND_WAIT, call, function_name, payload
from leeward.state_machines.documents.fields import Line
from leeward.state_machines.steps.base import StepKind, StepModel

_DECISION = "$.decision"


class ApprovalRequest(StepModel):
    """Ask for approval, and wait for the answer. A run whose input says `approve: true` does not ask."""

    default_timeout: ClassVar[timedelta] = timedelta(minutes=30)

    kind: Literal["approval.request"]
    message: Line = Field(description="What the approver is told")
    on_silence: Literal["reject", "approve"] = Field("reject", description="What no answer within `timeout` means")
    two_person: bool = Field(
        False, description="The one who started the run can't approve it; nor does `approve: true` at its start"
    )


def compile(step: ApprovalRequest, context: Context) -> Fragment:
    """Approved already? -> ask -> the answer."""
    exits = context.exits
    ask, decide, said_no, unclear, silent = (
        context.name(word) for word in ("wait for the answer", "answered", "rejected", "not understood", "no answer")
    )
    parameters: dict[str, Json] = {"message": step.message, "default": step.on_silence}
    parameters |= {"expires_seconds": context.timeout_seconds, "two_person": step.two_person}
    # Two people: what the starter says beforehand does not count, so that it is asked in any case.
    asking = context.entry if step.two_person else ask
    caught = (Catcher(NO_ANSWER, silent), *catches(exits.failed, exits.unforeseen))
    states: States = {
        asking: call(
            function_name("approval_request"),
            payload(context.step, parameters) | {"token.$": "$$.Task.Token"},
            next=decide,
            catch=caught,
            comment=f"Ask, and wait up to {durations.show(context.timeout_seconds)}; silence means {step.on_silence}",
            timeout_seconds=context.timeout_seconds,
            result_path=_DECISION,
            retry=RETRY_QUESTION,
            resource=INVOKE_AND_WAIT,
        ),
        decide: Choice(
            (
                (present_and_equals(f"{_DECISION}.decision", "approve"), exits.done),
                (
                    All(
                        (
                            present_and_equals(f"{_DECISION}.decision", "reject"),
                            Present(f"{_DECISION}.by", "IsString"),
                            Present(f"{_DECISION}.reason", "IsString"),
                        )
                    ),
                    said_no,
                ),
            ),
            unclear,
            "Only a clear yes goes on",
        ),
        said_no: _rejected(concat(f"{_DECISION}.by", " said no: ", f"{_DECISION}.reason"), exits.failed),
        unclear: _rejected(concat("The answer was no clear yes: ", as_text(_DECISION)), exits.failed),
    }
    if not step.two_person:
        approved = "A run that was approved at its start does not ask"
        states = {context.entry: Choice(((Equals("$.run.approved", True), exits.done),), ask, approved)} | states
    return Fragment(states | {silent: _silence(step, context)})


def _rejected(cause: str, after: str) -> Pass:
    return Pass({"Error": "Rejected", "Cause.$": cause}, after, "$.error", "The step has failed")


def _silence(step: ApprovalRequest, context: Context) -> Pass:
    text = f"Nobody answered within {durations.show(context.timeout_seconds)}"
    if step.on_silence == "approve":
        decision: dict[str, Json] = {"decision": "approve", "by": "nobody", "reason": text}
        return Pass(decision, context.exits.done, _DECISION, "The runbook takes silence for a yes")
    error: dict[str, Json] = {"Error": "Rejected", "Cause": f"{text}, and silence is a no"}
    return Pass(error, context.exits.failed, "$.error", "The runbook takes silence for a no")


KIND = StepKind(ApprovalRequest, compile, may_be_skipped=False)
