"""Fences or opens a Region's API, takes it out of service or puts it back; called until every copy says so."""

from __future__ import annotations

from typing import Literal

from leeward.common.errors import Transient
from leeward.common.polling import Look
from leeward.data import switches
from leeward.data.switches import Copies, Health, Wanted, Writes
from leeward.data.table import Table
from leeward.lambdas.common.events import Parameters, WaitingEvent
from leeward.lambdas.common.task import task
from leeward.lambdas.common.workbench import Workbench

# A Region that does not answer is tried for so long before the switch is left to replication.
_PATIENCE_SECONDS = 30
# What each kind of step brings about; in a step of any other kind this task takes that step back.
_OWN: dict[str, tuple[Writes | None, Health | None]] = {
    "api.fence": (Writes.FENCED, None),
    "api.unfence": (Writes.OPEN, None),
    "api.out_of_service": (None, Health.OUT_OF_SERVICE),
    "api.in_service": (None, Health.IN_SERVICE),
}


class SwitchParameters(Parameters):
    """The Region whose switch is set, the other one, which keeps a copy, and what it is to say."""

    table: Table
    region: str
    other_region: str
    writes: Writes | None = None
    health: Health | None = None
    if_unreachable: Literal["fail", "defer"] = "fail"


@task(WaitingEvent[SwitchParameters])
def handler(event: WaitingEvent[SwitchParameters], bench: Workbench) -> Look:
    """Set it where it can be reached, and read it back.

    With `defer`, a Region that can't be reached ends the step well: the copy in the other Region is replicated to it
    once it answers. Raises what the Region answered, where it must be reached.
    """
    given = event.parameters
    clients = {where: bench.at(where).dynamodb_once for where in (given.region, given.other_region)}
    wanted = Wanted(given.region, given.writes, given.health, event.run.reason or event.step.name, event.run.id)
    copies = switches.settle(clients, given.table, wanted, bench.now)
    facts: dict[str, object] = {"traffic": f"{given.region} {given.health}"} if given.health else {}
    if _OWN.get(event.step.kind) != (given.writes, given.health):
        facts["undone"] = True
    said = " and ".join(filter(None, (given.writes, given.health)))
    if not copies.unreached:
        done = all(state.satisfies(wanted) for state in copies.states.values())
        return Look(done, f"{given.region} is {said}" if done else f"{given.region} is not {said} yet", facts)
    return _unreached(event, bench, copies, f"{given.region} is to be {said}", facts)


def _unreached(
    event: WaitingEvent[SwitchParameters], bench: Workbench, copies: Copies, goal: str, facts: dict[str, object]
) -> Look:
    given = event.parameters
    where, error = next(iter(copies.unreached.items()))
    if event.poll.elapsed_seconds(bench.now) < _PATIENCE_SECONDS:
        return Look(False, f"{goal}; {where} does not answer, tried again: {error}")
    if not _enough(given, copies):
        raise error
    there = ", ".join(copies.states)
    return Look(True, f"deferred: {goal}, {where} does not answer; the copy in {there} reaches it when it does", facts)


def _enough(given: SwitchParameters, copies: Copies) -> bool:
    """The Region's own copy is what its API reads; without it, the other one must hold what is replicated later."""
    unreached: dict[str, Transient] = dict(copies.unreached)
    if given.region not in unreached:
        return True
    return given.if_unreachable == "defer" and given.other_region not in unreached
