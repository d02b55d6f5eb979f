"""Starts a runbook because an alarm says that its origin is unhealthy. EventBridge invokes this one."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from pydantic import Field

from leeward.common.errors import Busy, InvalidInput
from leeward.control import lock, messages, starting
from leeward.control.starting import Decision
from leeward.control.starts import Ledger
from leeward.lambdas.common.starting import Outcome, StartEvent, start
from leeward.lambdas.common.task import task
from leeward.lambdas.common.workbench import Workbench
from leeward.traffic import routing_controls
from leeward.traffic.endpoints import Endpoint

# Between reading the ledger and claiming a start somebody else may claim one; then we decide anew.
_TRIES = 5


class AlarmOccasion(starting.Occasion):
    """The alarm's change, from the event of EventBridge."""

    alarm: str
    state: Literal["ALARM"]


class AlarmEvent(StartEvent):
    """`endpoints` and `controls` (Region to ARN) tell where the users are; empty where the application has none."""

    event: AlarmOccasion
    rules: starting.AlarmRules
    endpoints: list[Endpoint] = Field(default_factory=list)
    controls: dict[str, str] = Field(default_factory=dict)


@task(AlarmEvent)
def handler(event: AlarmEvent, bench: Workbench) -> Outcome:
    """Decide, and start at most one run. Raises RouteUnconfirmed where nothing tells where the users are."""
    if event.target != bench.region:
        raise InvalidInput(f"{event.runbook} enters {event.target}, but its alarm was handled in {bench.region}")
    ledger = Ledger(bench.table, event.application)
    for _ in range(_TRIES):
        now = bench.now
        starts = ledger.read(now)
        wanted = starting.alarm_claim(event.runbook, event.event.alarm, event.event, event.rules, now)
        decision = starting.by_the_ledger(wanted, starts, event.event, event.rules, now)
        if decision is None:
            held = lock.holder(bench.table, event.application)
            serving = None if held is not None else _serving(event)
            decision = starting.by_the_world(wanted, held, serving, event.origin)
        if decision.claim is None:
            return _not_started(event, decision, ledger, bench)
        if ledger.claim(decision.claim, starts):
            start(bench.states, event.machine, decision.claim)
            ledger.begun(decision.claim, bench.now)
            ledger.record(event.event, decision, bench.now)
            return Outcome(verdict=decision.verdict, reason=decision.reason, run=decision.claim.name)
    raise Busy(f"the starts of {event.application} changed {_TRIES} times while one was being claimed")


def _serving(event: AlarmEvent) -> bool | None:
    """Whether the users are at the origin and there alone, as the routing controls say."""
    if not event.controls:
        return None
    arns = [event.controls[event.origin], event.controls[event.target]]
    states = routing_controls.check(event.endpoints, arns)
    return [states[arn] for arn in arns] == [routing_controls.Switch.ON, routing_controls.Switch.OFF]


def _not_started(event: AlarmEvent, decision: Decision, ledger: Ledger, bench: Workbench) -> Outcome:
    ledger.record(event.event, decision, bench.now)
    cool_down = timedelta(seconds=event.rules.cool_down_seconds)
    if decision.verdict in starting.TOLD and ledger.may_tell(decision.verdict, bench.now, cool_down):
        body = (
            f"{event.event.alarm} says that {event.application} is unhealthy in {event.origin}, and {event.runbook} "
            f"was not started: {decision.reason}.\n\nLook, and start it by hand if it is needed:\n"
            f"aws stepfunctions start-execution --region {event.target} --state-machine-arn {event.machine}"
        )
        subject = f"{event.application} {event.runbook}: alarm, and nothing was started"
        messages.publish(bench.sns, bench.environment.topic_arn, subject, body)
    return Outcome(verdict=decision.verdict, reason=decision.reason)
