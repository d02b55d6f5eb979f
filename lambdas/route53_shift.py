"""Moves the users by weights, a share at a time; called until all have moved. Control plane: us-east-1."""

from __future__ import annotations

from datetime import datetime

from leeward.common.polling import Look
from leeward.control import notes
from leeward.lambdas.common.events import Parameters, WaitingEvent
from leeward.lambdas.common.task import task
from leeward.lambdas.common.workbench import Workbench
from leeward.traffic import error_rates, shifting, weights
from leeward.traffic.error_rates import Rate
from leeward.traffic.shifting import Plan, Reached


class ShiftParameters(Plan, Parameters):
    """The record, its two sides, the stages, and whose error rate is watched."""


@task(WaitingEvent[ShiftParameters])
def handler(event: WaitingEvent[ShiftParameters], bench: Workbench) -> Look:
    """Set the next stage's weights, or watch the present one. Raises ErrorRateRisen; the step's undo leads back."""
    run, step, plan = event.run, event.step, event.parameters
    key = f"{step.id}#{step.attempt}#shift#{'-'.join(map(str, plan.stages))}"
    reached = Reached.parse(notes.find(bench.table, run.id, key))
    if reached.change is not None:
        look = weights.confirm(bench.route53, plan.weighted(reached.share), reached.change)
        if not look.done:
            return look
        reached = Reached(reached.stage, None, bench.now, reached.share)
        notes.leave(bench.table, run.id, key, reached.text)
    if reached.since is not None:
        rate = _rate(plan, reached.since, bench)
        told = shifting.watched(plan, reached, rate, bench.now)  # raises ErrorRateRisen
        if not told.over:
            return Look(False, told.text)
        if told.last:
            facts: dict[str, object] = {"traffic": plan.weighted_text(reached.share)}
            if plan.undo:
                facts["undone"] = True
            return Look(True, told.text, facts)
    share = plan.stages[reached.next_stage]
    change = weights.submit(bench.route53, plan.weighted(share))
    notes.leave(bench.table, run.id, key, Reached(reached.next_stage, change, None, share).text)
    return Look(False, f"{share} % of the users to {plan.target.set_identifier}: on its way to the name servers")


def _rate(plan: Plan, since: datetime, bench: Workbench) -> Rate:
    if plan.bake_seconds == 0:  # watches nothing, and must not depend on one service more
        return Rate(0, 0)
    return error_rates.since(bench.cloudwatch(plan.region), plan.api, plan.stage, since, bench.now)
