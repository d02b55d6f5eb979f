"""Sets the weights of Route 53 records; called until every name server has them. Control plane: us-east-1."""

from __future__ import annotations

from hashlib import sha256

from leeward.common.errors import NotFound
from leeward.common.polling import Look
from leeward.control import notes
from leeward.lambdas.common.events import Parameters, WaitingEvent
from leeward.lambdas.common.task import task
from leeward.lambdas.common.workbench import Workbench
from leeward.traffic import weights


class WeightParameters(weights.WeightedRecord, Parameters):
    """The record, and its entries as they are to be."""


@task(WaitingEvent[WeightParameters])
def handler(event: WaitingEvent[WeightParameters], bench: Workbench) -> Look:
    """Send the change once, then look how far it is. Raises InvalidInput, NotFound, RouteUnconfirmed."""
    run, step, wanted = event.run, event.step, event.parameters
    # The weights are part of the key: the way back sets others, in the same step and attempt.
    key = f"{step.id}#{step.attempt}#{sha256(wanted.model_dump_json().encode()).hexdigest()[:16]}"
    change = notes.find(bench.table, run.id, key)
    if change is not None:
        try:
            return weights.confirm(bench.route53, wanted, change)
        except NotFound:
            change = None  # Route 53 no longer knows it: send it again
    change = weights.submit(bench.route53, wanted)
    notes.leave(bench.table, run.id, key, change)
    return weights.confirm(bench.route53, wanted, change)
