"""Fences or opens a Region's API, takes it out of service or puts it back; called until every copy says so."""

from __future__ import annotations

from typing import Literal

from leeward.common.errors import Transient
from leeward.common.polling import PollResult
from leeward.data import region_switch
from leeward.data.application_table import ApplicationTable
from leeward.data.region_switch import ServiceState, SwitchChange, SwitchCopies, WriteAccess
from leeward.lambdas.runtime.invocation.events import Parameters, WaitingEvent
from leeward.lambdas.runtime.invocation.task_context import TaskContext
from leeward.lambdas.runtime.task import task

# A Region that does not answer is tried for so long before the switch is left to replication.
_RETRY_SECONDS = 30
# What each kind of step brings about; in a step of any other kind this task takes that step back.
_EFFECT_BY_KIND: dict[str, tuple[WriteAccess | None, ServiceState | None]] = {
    "api.fence": (WriteAccess.FENCED, None),
    "api.unfence": (WriteAccess.OPEN, None),
    "api.out_of_service": (None, ServiceState.OUT_OF_SERVICE),
    "api.in_service": (None, ServiceState.IN_SERVICE),
}


class SwitchParameters(Parameters):
    """The Region whose switch is set, the other one, which keeps a copy, and what it is to say."""

    table: ApplicationTable
    region: str
    other_region: str
    writes: WriteAccess | None = None
    health: ServiceState | None = None
    if_unreachable: Literal["fail", "defer"] = "fail"


@task(WaitingEvent[SwitchParameters])
def handler(event: WaitingEvent[SwitchParameters], context: TaskContext) -> PollResult:
    """Set it where it can be reached, and read it back.

    With `defer`, a Region that can't be reached ends the step well: the copy in the other Region is replicated to it
    once it answers. Raises what the Region answered, where it must be reached.
    """
    given = event.parameters
    clients = {where: context.clients(where).dynamodb_no_retry for where in (given.region, given.other_region)}
    wanted = SwitchChange(given.region, given.writes, given.health, event.run.reason or event.step.name, event.run.id)
    copies = region_switch.apply_switch(clients, given.table, wanted, context.now)
    facts: dict[str, object] = {"traffic": f"{given.region} {given.health}"} if given.health else {}
    if _EFFECT_BY_KIND.get(event.step.kind) != (given.writes, given.health):
        facts["undone"] = True
    said = " and ".join(filter(None, (given.writes, given.health)))
    if not copies.unreachable:
        done = all(state.satisfies(wanted) for state in copies.states.values())
        return PollResult(done, f"{given.region} is {said}" if done else f"{given.region} is not {said} yet", facts)
    return _handle_unreachable(event, context, copies, f"{given.region} is to be {said}", facts)


def _handle_unreachable(
    event: WaitingEvent[SwitchParameters],
    context: TaskContext,
    copies: SwitchCopies,
    goal: str,
    facts: dict[str, object],
) -> PollResult:
    given = event.parameters
    where, error = next(iter(copies.unreachable.items()))
    if event.poll.elapsed_seconds(context.now) < _RETRY_SECONDS:
        return PollResult(False, f"{goal}; {where} does not answer, tried again: {error}")
    if not _is_sufficient(given, copies):
        raise error
    there = ", ".join(copies.states)
    return PollResult(
        True, f"deferred: {goal}, {where} does not answer; the copy in {there} reaches it when it does", facts
    )


def _is_sufficient(parameters: SwitchParameters, copies: SwitchCopies) -> bool:
    """The Region's own copy is what its API reads; without it, the other one must hold what is replicated later."""
    unreached: dict[str, Transient] = dict(copies.unreachable)
    if parameters.region not in unreached:
        return True
    return parameters.if_unreachable == "defer" and parameters.other_region not in unreached
