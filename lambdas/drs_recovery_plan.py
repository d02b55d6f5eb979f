"""Recovers by one of DRS's own Recovery Plans; called until its last step is done and its machines are up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pydantic import Field

from leeward.common.aws.state_table import StateTable
from leeward.common.errors import InvalidInput
from leeward.common.polling import PollResult
from leeward.control.run import step_scratchpad
from leeward.drs.recovery.plan_execution import RecoveryPlanRun
from leeward.lambdas.runtime.invocation.events import RegionalParameters, WaitingEvent
from leeward.lambdas.runtime.invocation.task_context import TaskContext
from leeward.lambdas.runtime.journaling.protection_journal import ProtectionJournal
from leeward.lambdas.runtime.task import task


class RecoveryPlanParameters(RegionalParameters):
    """The plan, by its id or its ARN, and whether it is executed for real."""

    plan_id: str = Field(min_length=1)
    mode: Literal["recovery", "drill"]


@dataclass(frozen=True, slots=True)
class _ScratchpadMarker:
    table: StateTable
    run: str
    key: str

    def load(self) -> str | None:
        return step_scratchpad.read_note(self.table, self.run, self.key)

    def store(self, text: str) -> None:
        step_scratchpad.write_note(self.table, self.run, self.key, text)


@task(WaitingEvent[RecoveryPlanParameters])
def handler(event: WaitingEvent[RecoveryPlanParameters], context: TaskContext) -> PollResult:
    """Start it, or look how far it is. Raises LaunchFailed, NotReady, NotFound, InvalidInput."""
    run, step, given = event.run, event.step, event.parameters
    if run.point_in_time is not None:
        raise InvalidInput("a Recovery Plan takes the latest data: recover to a point in time by drs.recover")
    there = context.clients(given.region)
    look = RecoveryPlanRun(
        drs=there.drs,
        drs_no_retry=there.drs_no_retry,
        ec2=there.ec2,
        plan=given.plan_id,
        mode="DRILL" if given.mode == "drill" else "RECOVERY",
        run=run.id,
        started_at=run.started_at,
        step=step.id,
        attempt=step.attempt,
        retry_marker=_ScratchpadMarker(context.table, run.id, f"{step.id}#plan#{step.attempt}"),
    ).advance()
    if look.done and given.mode == "recovery":
        ProtectionJournal(context.journal(run.id), step, there.region).record_lost(look.facts)
    return look
