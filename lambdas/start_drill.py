"""Starts a drill because it is time. EventBridge Scheduler invokes this one; its role may start drills alone."""

from __future__ import annotations

import json

from pydantic import BaseModel, ConfigDict

from leeward.common.errors import InvalidInput
from leeward.control import lock, messages, starting
from leeward.control.starting import Claim, Decision, Verdict
from leeward.control.starts import Ledger
from leeward.lambdas.common.starting import Outcome, StartEvent, start
from leeward.lambdas.common.task import task
from leeward.lambdas.common.workbench import Workbench


class DrillRules(BaseModel):
    """When no drill starts."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    blackouts: tuple[starting.Blackout, ...] = ()


class ScheduleEvent(StartEvent):
    """The time that Scheduler says it was for, and what stands against it."""

    event: starting.Occasion
    rules: DrillRules


@task(ScheduleEvent)
def handler(event: ScheduleEvent, bench: Workbench) -> Outcome:
    """Start the drill of this time once, unless it is a blackout or another run acts."""
    if event.target != bench.region:
        raise InvalidInput(f"{event.runbook} enters {event.target}, but its schedule was handled in {bench.region}")
    decision = _decide(event, bench)
    if decision.claim is not None:
        start(bench.states, event.machine, decision.claim)
    elif decision.verdict in starting.TOLD:
        subject = f"{event.application} {event.runbook}: the drill was not started"
        messages.publish(bench.sns, bench.environment.topic_arn, subject, f"{decision.reason}.")
    Ledger(bench.table, event.application).record(event.event, decision, bench.now)
    run = decision.claim.name if decision.claim else None
    return Outcome(verdict=decision.verdict, reason=decision.reason, run=run)


def _decide(event: ScheduleEvent, bench: Workbench) -> Decision:
    at = event.event.at
    dark = starting.blacked_out(event.rules.blackouts, at)
    if dark is not None:
        return Decision(Verdict.BLACKOUT, f"no drill on a day of the blackout: {dark.reason}")
    name = starting.execution_name("schedule", at)
    held = lock.holder(bench.table, event.application)
    if held is not None and held.run != f"{event.application}.{event.runbook}.{name}":
        return Decision(Verdict.LOCK_HELD, f"run {held.run} holds the application's lock")
    given = json.dumps({"reason": f"schedule of {at.isoformat()}"})
    return Decision(Verdict.START, "it is time", Claim(event.runbook, name, given, bench.now))
