"""Moves the users by weights, a share at a time; called until all have moved. Control plane: us-east-1."""

from __future__ import annotations

from datetime import datetime

from leeward.common.polling import PollResult
from leeward.control.run import step_scratchpad
from leeward.lambdas.runtime.invocation.events import Parameters, WaitingEvent
from leeward.lambdas.runtime.invocation.task_context import TaskContext
from leeward.lambdas.runtime.task import task
from leeward.traffic.checks import error_rates
from leeward.traffic.checks.error_rates import ErrorRate
from leeward.traffic.routing import gradual_shift, weighted_records
from leeward.traffic.routing.gradual_shift import ShiftPlan, ShiftProgress


class ShiftParameters(ShiftPlan, Parameters):
    """The record, its two sides, the stages, and whose error rate is watched."""


@task(WaitingEvent[ShiftParameters])
def handler(event: WaitingEvent[ShiftParameters], context: TaskContext) -> PollResult:
    """Set the next stage's weights, or watch the present one. Raises ErrorRateRisen; the step's undo leads back."""
    run, step, plan = event.run, event.step, event.parameters
    key = f"{step.id}#{step.attempt}#shift#{'-'.join(map(str, plan.stages))}"
    reached = ShiftProgress.parse(step_scratchpad.read_note(context.table, run.id, key))
    if reached.change is not None:
        look = weighted_records.confirm_weights(context.route53, plan.weighted_record(reached.share), reached.change)
        if not look.done:
            return look
        reached = ShiftProgress(reached.stage, None, context.now, reached.share)
        step_scratchpad.write_note(context.table, run.id, key, reached.text)
    if reached.since is not None:
        rate = _measure_error_rate(plan, reached.since, context)
        told = gradual_shift.observe_stage(plan, reached, rate, context.now)  # raises ErrorRateRisen
        if not told.is_over:
            return PollResult(False, told.text)
        if told.is_last:
            facts: dict[str, object] = {"traffic": plan.weights_text(reached.share)}
            if plan.undo:
                facts["undone"] = True
            return PollResult(True, told.text, facts)
    share = plan.stages[reached.next_stage]
    change = weighted_records.submit_weights(context.route53, plan.weighted_record(share))
    step_scratchpad.write_note(context.table, run.id, key, ShiftProgress(reached.next_stage, change, None, share).text)
    return PollResult(False, f"{share} % of the users to {plan.target.set_identifier}: on its way to the name servers")


def _measure_error_rate(plan: ShiftPlan, since: datetime, context: TaskContext) -> ErrorRate:
    if plan.bake_seconds == 0:  # watches nothing, and must not depend on one service more
        return ErrorRate(0, 0)
    return error_rates.measure_error_rate(context.cloudwatch_in(plan.region), plan.api, plan.stage, since, context.now)
