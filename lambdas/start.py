"""Lambda task that starts a runbook when an alarm reports its origin as unhealthy. EventBridge invokes it."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from pydantic import Field

from leeward.common.errors import Busy, InvalidInput
from leeward.control.locking import application_lock
from leeward.control.notifications import operator_messages
from leeward.control.triggers import trigger_decision
from leeward.control.triggers.trigger_decision import TriggerDecision
from leeward.control.triggers.trigger_ledger import TriggerLedger
from leeward.lambdas.runtime.executions.execution_start import StartEvent, StartOutcome, start_execution
from leeward.lambdas.runtime.invocation.task_context import TaskContext
from leeward.lambdas.runtime.task import task
from leeward.traffic.routing import routing_controls
from leeward.traffic.routing.cluster_endpoints import ClusterEndpoint

# Another invocation may claim a start after this one reads the ledger. Then the decision is made again.
_TRIES = 5


class AlarmOccurrence(trigger_decision.TriggerOccurrence):
    """The alarm's state change, from the EventBridge event."""

    alarm: str
    state: Literal["ALARM"]


class AlarmStartEvent(StartEvent):
    """`endpoints` and `controls` (Region to ARN) show where the users are. Both are empty without routing controls."""

    event: AlarmOccurrence
    rules: trigger_decision.AlarmRules
    endpoints: list[ClusterEndpoint] = Field(default_factory=list)
    controls: dict[str, str] = Field(default_factory=dict)


@task(AlarmStartEvent)
def handler(event: AlarmStartEvent, context: TaskContext) -> StartOutcome:
    """Decide, and start at most one run. Raises RouteUnconfirmed when the routing controls can't be read."""
    if event.target != context.region:
        raise InvalidInput(f"{event.runbook} enters {event.target}, but its alarm was handled in {context.region}")
    ledger = TriggerLedger(context.table, event.application)
    for _ in range(_TRIES):
        now = context.now
        claims = ledger.read_claims(now)
        claim = trigger_decision.claim_for_alarm(event.runbook, event.event.alarm, event.event, event.rules, now)
        decision = trigger_decision.decide_from_ledger(claim, claims, event.event, event.rules, now)
        if decision is None:
            lock_holder = application_lock.current_holder(context.table, event.application)
            users_at_origin = None if lock_holder is not None else _are_users_at_origin(event)
            decision = trigger_decision.decide_from_state(claim, lock_holder, users_at_origin, event.origin)
        if decision.claim is None:
            return _report_not_started(event, decision, ledger, context)
        if ledger.add_claim(decision.claim, claims):
            start_execution(context.step_functions, event.machine, decision.claim)
            ledger.mark_begun(decision.claim, context.now)
            ledger.record_decision(event.event, decision, context.now)
            return StartOutcome(verdict=decision.verdict, reason=decision.reason, run=decision.claim.name)
    raise Busy(f"the starts of {event.application} changed {_TRIES} times while one was being claimed")


def _are_users_at_origin(event: AlarmStartEvent) -> bool | None:
    """Return whether the routing controls send users only to the origin. None without routing controls."""
    if not event.controls:
        return None
    arns = [event.controls[event.origin], event.controls[event.target]]
    states = routing_controls.check_controls(event.endpoints, arns)
    return [states[arn] for arn in arns] == [routing_controls.ControlState.ON, routing_controls.ControlState.OFF]


def _report_not_started(
    event: AlarmStartEvent, decision: TriggerDecision, ledger: TriggerLedger, context: TaskContext
) -> StartOutcome:
    ledger.record_decision(event.event, decision, context.now)
    cool_down = timedelta(seconds=event.rules.cool_down_seconds)
    if decision.verdict in trigger_decision.NOTIFIED_VERDICTS and ledger.may_notify(
        decision.verdict, context.now, cool_down
    ):
        body = (
            f"{event.event.alarm} says that {event.application} is unhealthy in {event.origin}, and {event.runbook} "
            f"was not started: {decision.reason}.\n\nCheck the application, and start the runbook by hand if needed:\n"
            f"aws stepfunctions start-execution --region {event.target} --state-machine-arn {event.machine}"
        )
        subject = f"{event.application} {event.runbook}: alarm, and nothing was started"
        operator_messages.publish_message(context.sns, context.environment.topic_arn, subject, body)
    return StartOutcome(verdict=decision.verdict, reason=decision.reason)
