"""Recovers one group of servers; called until every one of them is up."""

from __future__ import annotations

from datetime import timedelta

from pydantic import AwareDatetime, PositiveInt

from common.polling import Look
from control.lineage import predecessors
from drs.decision import Quotas
from drs.orders import OrderBook
from drs.recovery import Recovery
from drs.servers import Group
from drs.standing import Quest
from lambdas.common.events import Parameters, WaitingEvent
from lambdas.common.task import task
from lambdas.common.workbench import Workbench


class RecoverParameters(Parameters):
    """Which servers, as a drill or for real, and DRS's quotas. `point_in_time` None is the latest."""

    group: Group
    is_drill: bool
    point_in_time: AwareDatetime | None = None
    max_servers_per_job: PositiveInt = 100
    max_jobs: PositiveInt = 20
    max_servers_in_jobs: PositiveInt = 500

    @property
    def part(self) -> str:
        return self.group.name


@task(WaitingEvent[RecoverParameters])
def handler(event: WaitingEvent[RecoverParameters], bench: Workbench) -> Look:
    """Look, and start what is to be started. Raises LaunchFailed, NotReady, NotFound."""
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
    recovery = Recovery(
        drs=bench.drs,
        once=bench.drs_once,
        ec2=bench.ec2,
        orders=OrderBook(bench.table, run.id, step.id, given.group.name),
        group=given.group,
        region=run.target,
        quest=quest,
        quotas=Quotas(given.max_servers_per_job, given.max_jobs, given.max_servers_in_jobs),
        request_id=bench.request_id,
    )
    return recovery.look(bench.now, last=_is_last(event, bench))


def _is_last(event: WaitingEvent[RecoverParameters], bench: Workbench) -> bool:
    """Whether the step's time is over when this look ends; a look takes about two seconds."""
    if event.poll.started_at is None:
        return False
    return bench.now - event.poll.started_at >= timedelta(seconds=event.poll.timeout_seconds - 2)
