"""Lambda task that sets Route 53 weights and waits until the change is in sync.

The Route 53 control plane is in us-east-1.
"""

from __future__ import annotations

from hashlib import sha256

from leeward.common.errors import NotFound
from leeward.common.polling import PollResult
from leeward.control.run import step_scratchpad
from leeward.lambdas.runtime.invocation.task_context import TaskContext
from leeward.lambdas.runtime.invocation.task_events import Parameters, WaitingEvent
from leeward.lambdas.runtime.task import task
from leeward.traffic.routing import weighted_records


class WeightParameters(weighted_records.WeightedRecord, Parameters):
    """The weighted record, with the weights to set."""


@task(WaitingEvent[WeightParameters])
def handler(event: WaitingEvent[WeightParameters], context: TaskContext) -> PollResult:
    """Submit the change once, then check its status. Raises InvalidInput, NotFound, or RouteUnconfirmed."""
    run, step, record = event.run, event.step, event.parameters
    # The key includes the weights, because a rollback sets other weights in the same step and attempt.
    key = f"{step.id}#{step.attempt}#{sha256(record.model_dump_json().encode()).hexdigest()[:16]}"
    change = step_scratchpad.read_note(context.table, run.id, key)
    if change is not None:
        try:
            return weighted_records.confirm_weights(context.route53, record, change)
        except NotFound:
            change = None  # Route 53 no longer knows the change: submit it again
    change = weighted_records.submit_weights(context.route53, record)
    step_scratchpad.write_note(context.table, run.id, key, change)
    return weighted_records.confirm_weights(context.route53, record, change)
