"""Lambda task that shifts users gradually by Route 53 weights. The Route 53 control plane is in us-east-1."""

from __future__ import annotations

from datetime import datetime

from leeward.common.claims.types.traffic_claims import WeightsSet
from leeward.common.polling import PollResult
from leeward.control.run import step_scratchpad
from leeward.lambdas.runtime.invocation.task_context import TaskContext
from leeward.lambdas.runtime.invocation.task_events import Parameters, WaitingEvent
from leeward.lambdas.runtime.task import task
from leeward.traffic.checks import error_rates
from leeward.traffic.checks.error_rates import ErrorRate
from leeward.traffic.routing import gradual_shift, weighted_records
from leeward.traffic.routing.gradual_shift import ShiftPlan, ShiftProgress


class ShiftParameters(ShiftPlan, Parameters):
    """The record, its two sides, the stages, and the API whose error rate is watched."""


@task(WaitingEvent[ShiftParameters])
def handler(event: WaitingEvent[ShiftParameters], context: TaskContext) -> PollResult:
    """Set the weights of the next stage, or watch the current stage.

    Raises ErrorRateRisen, and then the step's rollback moves the users back.
    """
    run, step, plan = event.run, event.step, event.parameters
    key = f"{step.id}#{step.attempt}#shift#{'-'.join(map(str, plan.stages))}"
    progress = ShiftProgress.parse(step_scratchpad.read_note(context.table, run.id, key))
    if progress.change is not None:
        result = weighted_records.confirm_weights(
            context.route53, plan.weighted_record(progress.share), progress.change
        )
        if not result.done:
            return result
        progress = ShiftProgress(progress.stage, None, context.now, progress.share)
        step_scratchpad.write_note(context.table, run.id, key, progress.text)
    if progress.since is not None:
        rate = _measure_error_rate(plan, progress.since, context)
        observation = gradual_shift.observe_stage(plan, progress, rate, context.now)  # raises ErrorRateRisen
        if not observation.is_over:
            return PollResult(False, observation.text)
        if observation.is_last:
            weights = plan.weights_text(progress.share)
            is_hold = plan.stages == (0,) and not step.undo
            claim = WeightsSet(record=plan.record, weights=weights, observation=observation.text, is_hold=is_hold)
            return PollResult.reached(claim)
    share = plan.stages[progress.next_stage]
    change = weighted_records.submit_weights(context.route53, plan.weighted_record(share))
    step_scratchpad.write_note(context.table, run.id, key, ShiftProgress(progress.next_stage, change, None, share).text)
    return PollResult(False, f"{share} % of the users to {plan.target.set_identifier}: on its way to the name servers")


def _measure_error_rate(plan: ShiftPlan, since: datetime, context: TaskContext) -> ErrorRate:
    if plan.bake_seconds == 0:  # no bake time: don't depend on CloudWatch
        return ErrorRate(0, 0)
    return error_rates.measure_error_rate(context.cloudwatch_in(plan.region), plan.api, plan.stage, since, context.now)
