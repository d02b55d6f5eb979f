"""Plays the run during the outage of one service in one Region, and compares its end with the clean run."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from textwrap import shorten

from leeward.evidence.dependencies.dependency_table import OutageTrial
from leeward.rehearsal.dependencies.clean_run import RUN_INPUT, CleanRun, broken_invariants, read_end
from leeward.rehearsal.dependencies.patient_operator import PatientOperator, list_questions
from leeward.rehearsal.results.result_models import ExecutionOutcome, RehearsalResult
from leeward.rehearsal.runner.single_rehearsal import play_run
from leeward.rehearsal.session.rehearsal_session import RehearsalSession
from leeward.rehearsal.session.rehearsed_run import RehearsedRun
from leeward.rehearsal.snapshots.world_snapshot import snapshot_differences
from leeward.rehearsal.sweep.trials.trial import recover_run
from leeward.state_machines.build import BuiltRunbook
from leeward.twin.interception import SERVICE_FAULTS

SHORT_OUTAGE = timedelta(minutes=20)
# A service that is down answers with an error of the server. The SDK and the state machine may retry.
_FAULT = SERVICE_FAULTS["server-error"]
# An operator resumes a run that stopped, once the service works again.
_RESUMED_AFTER = timedelta(minutes=1)
_MAX_DIFFERENCES = 10
_MAX_ERROR_LENGTH = 300


@dataclass(frozen=True, slots=True)
class PlannedOutage:
    """An outage from the start of the run, for its whole duration if `duration` is None."""

    service: str
    region: str
    duration: timedelta | None


def play_outage_trial(
    session: RehearsalSession, ready: BuiltRunbook, planned: PlannedOutage, clean: CleanRun
) -> OutageTrial:
    """Play the run of a session at its start during the outage. If it stops, resume it once the outage is over."""
    start = session.engine.clock.now()
    ends_at = None if planned.duration is None else start + planned.duration
    outage = session.engine.interceptor.schedule_service_outage(planned.service, planned.region, _FAULT, start, ends_at)
    normal_operator = session.scenario.operator
    operator = PatientOperator(session, ends_at)
    run, result = play_run(session, ready, "run", RUN_INPUT, on_start=operator.watch)
    session.set_operator(normal_operator)
    names_by_step = {step.id: step.name for step in ready.compiled.steps}
    failed_step, error = _read_error(result)
    trial = OutageTrial(
        outage_seconds=None if planned.duration is None else int(planned.duration.total_seconds()),
        outcome=result.outcome.value,
        questions=list_questions(session.journals.journal(run), names_by_step),
        unmet_steps=[f"{step.name} ({step.status})" for step in result.unmet_steps],
        failed_step=failed_step,
        error=error,
    )
    resumed = False
    if result.outcome is not ExecutionOutcome.SUCCEEDED and ends_at is not None:
        result, resumed = _resume(session, ready, run, result, ends_at), True
    session.engine.interceptor.end_service_outages([outage])
    differences = _find_differences(session, result, clean)
    reached = result.outcome is ExecutionOutcome.SUCCEEDED and not differences
    took = (result.ended_at - run.started_at).total_seconds()
    return trial.model_copy(
        update={
            "failed_calls": outage.met,
            "reached_goal": reached and not resumed,
            "resumed": reached and resumed,
            "delay_seconds": round(took - clean.seconds, 1) if reached else None,
            "differences": differences[:_MAX_DIFFERENCES],
        }
    )


def _resume(
    session: RehearsalSession, ready: BuiltRunbook, run: RehearsedRun, result: RehearsalResult, outage_ends_at: datetime
) -> RehearsalResult:
    """Do what the run's summary advises, once the outage is over, and return the result."""
    resumed_at = max(outage_ends_at, session.engine.clock.now()) + _RESUMED_AFTER
    session.wait_without_users(resumed_at - session.engine.clock.now())
    return recover_run(session, ready, run, result)[1]


def _find_differences(session: RehearsalSession, result: RehearsalResult, clean: CleanRun) -> list[str]:
    """Return what a run that succeeded did not reach. Nothing is compared if it did not succeed."""
    if result.outcome is not ExecutionOutcome.SUCCEEDED:
        return []
    own = broken_invariants(result) - clean.broken_invariants
    broken = [f"{each.name}: {each.detail}" for each in result.invariants if each.name in own]
    moved = result.clients.moved
    users = [] if moved == clean.moved_clients else [f"{moved} users moved, instead of {clean.moved_clients}"]
    return [*broken, *users, *snapshot_differences(clean.end, read_end(session))]


def _read_error(result: RehearsalResult) -> tuple[str, str]:
    """Return the step at which the run stopped and the error, or empty strings if it succeeded."""
    if result.outcome is ExecutionOutcome.SUCCEEDED:
        return "", ""
    step = result.failed_step
    text = " ".join(((step.detail if step else "") or result.cause or "").split())
    if result.error and not text.startswith(result.error):
        text = f"{result.error}: {text}"
    return (step.name if step else ""), shorten(text, _MAX_ERROR_LENGTH, placeholder=" ...")
