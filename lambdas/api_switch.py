"""Lambda task that sets a Region's API write fence and health, and waits until every copy of the switch shows it."""

from __future__ import annotations

from typing import Literal

from leeward.common.claims.types.claim import Claim
from leeward.common.claims.types.data_claims import Fenced
from leeward.common.claims.types.traffic_claims import ServiceSwitched
from leeward.common.errors import Transient
from leeward.common.polling import PollResult
from leeward.data import region_switch
from leeward.data.application_table import ApplicationTable
from leeward.data.region_switch import ServiceState, SwitchChange, SwitchCopies, WriteAccess
from leeward.lambdas.runtime.invocation.task_context import TaskContext
from leeward.lambdas.runtime.invocation.task_events import Parameters, WaitingEvent
from leeward.lambdas.runtime.task import task

# How long to retry a Region that doesn't respond before relying on replication.
_RETRY_SECONDS = 30


class SwitchParameters(Parameters):
    """The Region whose switch is set, the other Region, which keeps a copy, and the values to set."""

    table: ApplicationTable
    region: str
    other_region: str
    writes: WriteAccess | None = None
    health: ServiceState | None = None
    if_unreachable: Literal["fail", "defer"] = "fail"

    @property
    def values(self) -> str:
        """Return what the Region is to be, for operators."""
        return " and ".join(filter(None, (self.writes, self.health)))


@task(WaitingEvent[SwitchParameters])
def handler(event: WaitingEvent[SwitchParameters], context: TaskContext) -> PollResult:
    """Set the switch in each Region that responds, and read it back.

    With `if_unreachable` `defer`, the step succeeds when a Region can't be reached. The copy in the other Region is
    replicated to it when it responds again. Otherwise, raises the error of the unreachable Region.
    """
    parameters = event.parameters
    regions = (parameters.region, parameters.other_region)
    clients = {region: context.clients(region).dynamodb_no_retry for region in regions}
    change = SwitchChange(
        parameters.region, parameters.writes, parameters.health, event.run.reason or event.step.name, event.run.id
    )
    is_time_left = event.poll.elapsed_seconds(context.now) < _RETRY_SECONDS
    unreachable = event.poll.memo
    if unreachable in clients and is_time_left:
        # The other Region's copy is set. This one is looked at alone until it responds.
        probe = region_switch.read_switch({unreachable: clients[unreachable]}, parameters.table, parameters.region)
        if probe.unreachable:
            return _wait_for_region(parameters, unreachable, probe.unreachable[unreachable])
    copies = region_switch.apply_switch(clients, parameters.table, change, context.now)
    if not copies.unreachable:
        if all(state.satisfies(change) for state in copies.states.values()):
            return PollResult.reached(_describe_switch(parameters))
        return PollResult(False, f"{parameters.region} is not {parameters.values} yet")
    unreachable_region, error = next(iter(copies.unreachable.items()))
    if is_time_left:
        return _wait_for_region(parameters, unreachable_region, error)
    if not _is_sufficient(parameters, copies):
        raise error
    return PollResult.reached(_describe_switch(parameters, unreachable_region, tuple(copies.states)))


def _wait_for_region(parameters: SwitchParameters, region: str, error: Exception) -> PollResult:
    goal = f"{parameters.region} is to be {parameters.values}"
    return PollResult(False, f"{goal}; {region} does not answer, retrying: {error}", memo=region)


def _describe_switch(
    parameters: SwitchParameters, deferred_for: str | None = None, copies_in: tuple[str, ...] = ()
) -> Claim:
    """Return the claim: a change of the health moves users, and a change of the fence alone does not."""
    region, writes = parameters.region, parameters.writes
    if parameters.health is None:
        return Fenced(region=region, writes=str(writes), deferred_for=deferred_for, copies_in=copies_in)
    return ServiceSwitched(
        region=region,
        health=parameters.health,
        writes=writes,
        deferred_for=deferred_for,
        copies_in=copies_in,
    )


def _is_sufficient(parameters: SwitchParameters, copies: SwitchCopies) -> bool:
    """Return whether the copies that were set are enough.

    The Region's API reads its own copy. If that copy can't be set, the other Region must hold the copy to replicate.
    """
    unreachable: dict[str, Transient] = dict(copies.unreachable)
    if parameters.region not in unreachable:
        return True
    return parameters.if_unreachable == "defer" and parameters.other_region not in unreachable
