"""Recovers one group of servers; called until every one of them is up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from pydantic import AwareDatetime, PositiveInt

from leeward.common.polling import Look
from leeward.control.lineage import predecessors
from leeward.drs.decision import Quotas
from leeward.drs.launch_into import Bodies, Selector
from leeward.drs.orders import OrderBook
from leeward.drs.recovery import Recovery
from leeward.drs.servers import Group
from leeward.drs.standing import Quest
from leeward.drs.states import Direction
from leeward.lambdas.common.copies import Copies
from leeward.lambdas.common.events import RegionalParameters, WaitingEvent
from leeward.lambdas.common.task import task
from leeward.lambdas.common.workbench import Workbench


class RecoverParameters(RegionalParameters):
    """Which servers, as a drill or for real, and DRS's quotas. `point_in_time` None is the latest.

    `direction` FAILBACK launches nothing but what a reversal made.
    """

    group: Group
    is_drill: bool
    point_in_time: AwareDatetime | None = None
    direction: Direction | None = None
    max_servers_per_job: PositiveInt = 100
    max_jobs: PositiveInt = 20
    max_servers_in_jobs: PositiveInt = 500

    @property
    def part(self) -> str:
        return self.group.name


R = TypeVar("R", bound=RecoverParameters)


@task(WaitingEvent[RecoverParameters])
def handler(event: WaitingEvent[RecoverParameters], bench: Workbench) -> Look:
    """Look, and start what is to be started. Raises LaunchFailed, NotReady, NotFound."""
    return recover(event, bench)


def recover(event: WaitingEvent[R], bench: Workbench, into: Mapping[str, Selector] | None = None) -> Look:
    """What this task and the one that launches into given instances have in common."""
    run, step, given = event.run, event.step, event.parameters
    quest = Quest(
        run=run.id,
        started_at=run.started_at,
        step=step.id,
        group=given.group.name,
        attempt=step.attempt,
        is_drill=given.is_drill,
        predecessors=predecessors(bench.table, run),
        point_in_time=run.point_in_time or given.point_in_time,
    )
    there = bench.at(given.region)
    recovery = Recovery(
        drs=there.drs,
        once=there.drs_once,
        ec2=there.ec2,
        orders=OrderBook(bench.table, run.id, step.id, given.group.name),
        group=given.group,
        region=there.region,
        direction=given.direction,
        quest=quest,
        quotas=Quotas(given.max_servers_per_job, given.max_jobs, given.max_servers_in_jobs),
        request_id=bench.request_id,
        bodies=None if into is None else Bodies(there.drs, there.ec2, there.region, given.group.name, into),
    )
    look = recovery.look(bench.now, last=_is_last(event, bench))
    if look.done and not given.is_drill:
        Copies(bench.journal(run.id), step, there.region).lost(look.facts)
    return look


def _is_last(event: WaitingEvent[R], bench: Workbench) -> bool:
    """Whether the step's time is over when this look ends; a look takes about two seconds."""
    return event.poll.elapsed_seconds(bench.now) >= event.poll.timeout_seconds - 2
