"""Recovers by one of DRS's own Recovery Plans; called until its last step is done and its machines are up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pydantic import Field

from leeward.common.errors import InvalidInput
from leeward.common.polling import Look
from leeward.common.table import Table
from leeward.control import notes
from leeward.drs.plan_execution import PlanRun
from leeward.lambdas.common.copies import Copies
from leeward.lambdas.common.events import RegionalParameters, WaitingEvent
from leeward.lambdas.common.task import task
from leeward.lambdas.common.workbench import Workbench


class PlanParameters(RegionalParameters):
    """The plan, by its id or its ARN, and whether it is executed for real."""

    plan_id: str = Field(min_length=1)
    mode: Literal["recovery", "drill"]


@dataclass(frozen=True, slots=True)
class _Note:
    table: Table
    run: str
    key: str

    def recall(self) -> str | None:
        return notes.find(self.table, self.run, self.key)

    def keep(self, text: str) -> None:
        notes.leave(self.table, self.run, self.key, text)


@task(WaitingEvent[PlanParameters])
def handler(event: WaitingEvent[PlanParameters], bench: Workbench) -> Look:
    """Start it, or look how far it is. Raises LaunchFailed, NotReady, NotFound, InvalidInput."""
    run, step, given = event.run, event.step, event.parameters
    if run.point_in_time is not None:
        raise InvalidInput("a Recovery Plan takes the latest data: recover to a point in time by drs.recover")
    there = bench.at(given.region)
    look = PlanRun(
        drs=there.drs,
        once=there.drs_once,
        ec2=there.ec2,
        plan=given.plan_id,
        mode="DRILL" if given.mode == "drill" else "RECOVERY",
        run=run.id,
        started_at=run.started_at,
        step=step.id,
        attempt=step.attempt,
        retry=_Note(bench.table, run.id, f"{step.id}#plan#{step.attempt}"),
    ).look()
    if look.done and given.mode == "recovery":
        Copies(bench.journal(run.id), step, there.region).lost(look.facts)
    return look
