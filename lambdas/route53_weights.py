"""Sets the weights of Route 53 records; called until every name server has them. Control plane: us-east-1."""

from __future__ import annotations

from hashlib import sha256

from leeward.common.errors import NotFound
from leeward.common.polling import PollResult
from leeward.control.run import step_scratchpad
from leeward.lambdas.runtime.invocation.events import Parameters, WaitingEvent
from leeward.lambdas.runtime.invocation.task_context import TaskContext
from leeward.lambdas.runtime.task import task
from leeward.traffic.routing import weighted_records


class WeightParameters(weighted_records.WeightedRecord, Parameters):
    """The record, and its entries as they are to be."""


@task(WaitingEvent[WeightParameters])
def handler(event: WaitingEvent[WeightParameters], context: TaskContext) -> PollResult:
    """Send the change once, then look how far it is. Raises InvalidInput, NotFound, RouteUnconfirmed."""
    run, step, wanted = event.run, event.step, event.parameters
    # The weights are part of the key: the way back sets others, in the same step and attempt.
    key = f"{step.id}#{step.attempt}#{sha256(wanted.model_dump_json().encode()).hexdigest()[:16]}"
    change = step_scratchpad.read_note(context.table, run.id, key)
    if change is not None:
        try:
            return weighted_records.confirm_weights(context.route53, wanted, change)
        except NotFound:
            change = None  # Route 53 no longer knows it: send it again
    change = weighted_records.submit_weights(context.route53, wanted)
    step_scratchpad.write_note(context.table, run.id, key, change)
    return weighted_records.confirm_weights(context.route53, wanted, change)
