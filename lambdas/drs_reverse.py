"""Reverses the replication of a group's recovered machines; called until each has its source server over there."""

from __future__ import annotations

from typing import Literal

from leeward.common.polling import Look
from leeward.control.lineage import predecessors
from leeward.drs import reversal
from leeward.drs.instances import machines, since
from leeward.drs.reversal import Marks
from leeward.drs.servers import Group
from leeward.lambdas.common.copies import Copies
from leeward.lambdas.common.events import Parameters, WaitingEvent
from leeward.lambdas.common.task import task
from leeward.lambdas.common.workbench import Workbench

# A Region that does not answer is tried for so long before the copy is given up for now.
_PATIENCE_SECONDS = 120


class ReverseParameters(Parameters):
    """The machines run in `region`, and their copies are to be in `other_region`, tagged like the group (`tags`).

    `is_drill`: the drill's instances are meant, and nothing else; else those that serve, and nothing else.
    """

    groups: list[Group]
    region: str
    other_region: str
    tags: bool
    is_drill: bool = False
    if_unreachable: Literal["fail", "defer"] = "fail"


@task(WaitingEvent[ReverseParameters])
def handler(event: WaitingEvent[ReverseParameters], bench: Workbench) -> Look:
    """Reverse, or look how far it is. Raises NotReady, NotFound, and what an unreachable Region answers.

    With `defer` an unreachable Region ends the step well: the copy is made later, and the journal says since when there
    is none.
    """
    given, here = event.parameters, bench.at(event.parameters.region)
    there = bench.at(given.other_region)
    # Sent once: the looks are the retries, and a Region that swallows packets must not use up the task's time.
    found = reversal.reverse(
        here.drs,
        there.drs_once,
        given.groups,
        given.region,
        given.other_region,
        marks=Marks(group=given.tags, run=event.run.id),
        is_drill=given.is_drill,
        runs=lambda: {event.run.id, *predecessors(bench.table, event.run)},
    )
    if found.unreachable is not None:
        return _unreached(event, bench, found.unreachable)
    if found.waiting:
        return Look(False, "; ".join(found.waiting))
    if not given.is_drill:
        Copies(bench.journal(event.run.id), event.step, given.region).under_way(found.machines)
    told = ", ".join(f"{machine} by {server}" for machine, server in sorted(found.machines.items()))
    detail = f"{given.other_region} replicates from {given.region}: {told}{found.left_out}"
    return Look(True, detail, {"machines": dict(found.machines)})


def _unreached(event: WaitingEvent[ReverseParameters], bench: Workbench, error: Exception) -> Look:
    given = event.parameters
    if event.poll.elapsed_seconds(bench.now) < _PATIENCE_SECONDS:
        return Look(False, f"{given.other_region} does not answer, tried again: {error}")
    if given.if_unreachable == "fail":
        raise error
    here = bench.at(given.region)
    instances, _ = reversal.recovered(here.drs, given.groups, given.region, is_drill=given.is_drill)
    ids = sorted(instance.ec2_instance for instance in instances.values())
    launched = since(machines(here.ec2, ids), ids)
    detail = f"deferred: {given.other_region} does not answer ({error}); {', '.join(ids)} unprotected since " + (
        launched or "their launch"
    )
    if given.is_drill:
        return Look(True, detail, {"deferred": True})
    meant = {instance.ec2_instance: instance.server for instance in instances.values()}
    Copies(bench.journal(event.run.id), event.step, given.region).deferred(meant, launched, detail)
    return Look(True, detail, {"deferred": True})
