"""Lambda task that runs a DRS Recovery Plan and waits until its last step is done and its instances are up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pydantic import Field

from leeward.common.aws.tables.state_table import StateTable
from leeward.common.claims.types.server_claims import Launched
from leeward.common.errors import InvalidInput
from leeward.common.polling import PollResult
from leeward.control.run import step_scratchpad
from leeward.drs.recovery.recovery_plan_run import RecoveryPlanRun
from leeward.lambdas.runtime.invocation.task_context import TaskContext
from leeward.lambdas.runtime.invocation.task_events import RegionalParameters, WaitingEvent
from leeward.lambdas.runtime.journaling.protection_journal import ProtectionJournal
from leeward.lambdas.runtime.task import task


class RecoveryPlanParameters(RegionalParameters):
    """The plan, by ID or ARN, and whether to run it as a recovery or a drill."""

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
    """Start the plan, or check its progress. Raises LaunchFailed, NotReady, NotFound, or InvalidInput."""
    run, step, parameters = event.run, event.step, event.parameters
    if run.point_in_time is not None:
        raise InvalidInput(
            "a Recovery Plan recovers the latest data: use a step that names its groups to recover to a point in time"
        )
    clients = context.clients(parameters.region)
    result = RecoveryPlanRun(
        drs=clients.drs,
        drs_no_retry=clients.drs_no_retry,
        ec2=clients.ec2,
        region=clients.region,
        plan=parameters.plan_id,
        mode="DRILL" if parameters.mode == "drill" else "RECOVERY",
        run=run.id,
        started_at=run.started_at,
        step=step.id,
        attempt=step.attempt,
        retry_marker=_ScratchpadMarker(context.table, run.id, f"{step.id}#plan#{step.attempt}"),
    ).advance()
    for launched in result.claims if parameters.mode == "recovery" else ():
        if isinstance(launched, Launched):
            ProtectionJournal(context.journal(run.id), step, clients.region).record_lost(launched)
    return result
