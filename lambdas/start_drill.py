"""Lambda task that starts a scheduled drill. EventBridge Scheduler invokes it, and its role may start only drills."""

from __future__ import annotations

import json

from pydantic import BaseModel, ConfigDict

from leeward.common.errors import InvalidInput
from leeward.control.locking import application_lock
from leeward.control.notifications import operator_messages
from leeward.control.triggers import trigger_decision
from leeward.control.triggers.trigger_decision import StartClaim, TriggerDecision, TriggerVerdict
from leeward.control.triggers.trigger_ledger import TriggerLedger
from leeward.lambdas.runtime.executions.execution_start import StartEvent, StartOutcome, start_execution
from leeward.lambdas.runtime.invocation.task_context import TaskContext
from leeward.lambdas.runtime.task import task


class DrillRules(BaseModel):
    """The blackout windows in which no drill starts."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    blackouts: tuple[trigger_decision.BlackoutWindow, ...] = ()


class DrillStartEvent(StartEvent):
    """The scheduled time of the drill, and the rules that can prevent it."""

    event: trigger_decision.TriggerOccurrence
    rules: DrillRules


@task(DrillStartEvent)
def handler(event: DrillStartEvent, context: TaskContext) -> StartOutcome:
    """Start the drill of this scheduled time once, unless a blackout applies or another run holds the lock."""
    if event.target != context.region:
        raise InvalidInput(f"{event.runbook} enters {event.target}, but its schedule was handled in {context.region}")
    decision = _decide_start(event, context)
    if decision.claim is not None:
        start_execution(context.step_functions, event.machine, decision.claim)
    TriggerLedger(context.table, event.application).record_decision(event.event, decision, context.now)
    if decision.verdict in trigger_decision.NOTIFIED_VERDICTS:
        # Nothing was started, so no run has a journal for this message. A failure lets Scheduler try again.
        subject = f"{event.application} {event.runbook}: the drill was not started"
        operator_messages.publish_message(context.sns, context.environment.topic_arn, subject, f"{decision.reason}.")
    run = decision.claim.name if decision.claim else None
    return StartOutcome(verdict=decision.verdict, reason=decision.reason, run=run)


def _decide_start(event: DrillStartEvent, context: TaskContext) -> TriggerDecision:
    at = event.event.at
    blackout = trigger_decision.find_blackout(event.rules.blackouts, at)
    if blackout is not None:
        return TriggerDecision(TriggerVerdict.BLACKOUT, f"no drill on a blackout day: {blackout.reason}")
    name = trigger_decision.execution_name("schedule", at)
    lock_holder = application_lock.current_holder(context.table, event.application)
    if lock_holder is not None and lock_holder.run != f"{event.application}.{event.runbook}.{name}":
        return TriggerDecision(TriggerVerdict.LOCK_HELD, f"run {lock_holder.run} holds the application's lock")
    run_input = json.dumps({"reason": f"schedule of {at.isoformat()}"})
    return TriggerDecision(
        TriggerVerdict.START, "the drill is due", StartClaim(event.runbook, name, run_input, context.now)
    )
