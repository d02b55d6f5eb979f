"""One trial: the run with its faults, then, once nothing is broken any more, the run that goes on from there."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import timedelta
from typing import Any, Self

from botocore.exceptions import ClientError

from leeward.control.journal.run_journal import JournalEvent
from leeward.rehearsal.invariants.truth import END_NOT_RECORDED
from leeward.rehearsal.results.result_models import ExecutionOutcome, RehearsalResult
from leeward.rehearsal.runner.single_rehearsal import complete_run, play_run
from leeward.rehearsal.scenarios.compiled_runbooks import moves_users, restores_origin_service
from leeward.rehearsal.session.rehearsal_session import RehearsalSession
from leeward.rehearsal.session.rehearsed_run import RehearsedRun
from leeward.rehearsal.snapshots.world_snapshot import WorldSnapshot, snapshot_differences, take_world_snapshot
from leeward.rehearsal.sweep.faults.baseline import Baseline
from leeward.rehearsal.sweep.faults.injector import FaultInjector, FaultPlan, NoFaultPlan, apply_operator_faults
from leeward.rehearsal.sweep.faults.planned_faults import OUTAGE_MODE, PlannedFault
from leeward.state_machines.application.run_direction import RunDirection
from leeward.state_machines.build import BuiltRunbook
from leeward.twin.errors import TwinError

# How a run's account says that it can be redriven (control/outcome/next_steps.py).
_RESUME_COMMAND = "`leeward resume "
# The kind of step that asks the other Region what has arrived there.
_REPLICATION_PROOF_KIND = "dynamodb.await_replication"
# Between the end of the broken run and the next: the fault is found and mended, replication settles. No user asks
# meanwhile: nothing is done that they could notice.
_REPAIR_TIME = timedelta(minutes=20)
# Until what a run has set going, such as replication, has come to rest: DRS takes a tenth of its time here.
_SETTLE_TIME = timedelta(minutes=4)
# Where the users are is judged while they ask (truth).
_IGNORED_SNAPSHOT_FIELDS = ("users",)
# Before the run is started.
START_POINT = "start"


class RedriveRejected(TwinError):
    """Step Functions refused to let an execution go on that says that it can."""


@dataclass(slots=True)
class TrialResult:
    """What came of a trial. `problems` is empty when it ended well; `again` is the second run's outcome, if there was
    one; `same_as` is the trial that this one met, and whose end is its own; `met` where others that come there meet it;
    `seconds` are of the processor."""

    fault: str = ""
    label: str = ""
    struck: bool = True
    outcome: str = ""
    error: str = ""
    again: str = ""
    problems: list[str] = field(default_factory=list)
    cause: str = ""
    same_as: str = ""
    met: str = ""
    seconds: float = 0.0

    @property
    def passed(self) -> bool:
        """No promise was broken, and the goal was reached."""
        return not self.problems

    def with_outcome_of(self, other: Self) -> Self:
        """This one, which met the other, with the end that the other came to."""
        return replace(
            other, fault=self.fault, label=self.label, same_as=self.same_as, met=self.met, seconds=self.seconds
        )

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)


def run_trial(
    session: RehearsalSession,
    ready: BuiltRunbook,
    fault_plan: FaultPlan | None = None,
    expected_snapshot: WorldSnapshot | None = None,
) -> tuple[TrialResult, Baseline]:
    """Run it, judge it, and go on until the goal is reached. `guide` says at which point which faults begin: in
    a clean run, none. `goal`: the state that a clean run ends in, from the survey."""
    verdict = TrialResult()
    breaking = FaultInjector(session, fault_plan or NoFaultPlan())
    breaking.reach_point(START_POINT)
    usual = session.scenario.operator
    session.set_operator(apply_operator_faults(usual, breaking.faults))
    run, result = play_run(session, ready, "trial", {}, on_start=breaking.start_injecting)
    faults = breaking.faults
    verdict.outcome, verdict.error, verdict.cause = result.outcome, result.error or "", result.cause or ""
    verdict.struck = all(fault.id in breaking.injected_ids for fault in faults)
    excused = _excused_invariants(faults, ready, run)
    verdict.problems = _invariant_violations(result, "", excused)
    breaking.stop_injecting()
    if result.outcome is not ExecutionOutcome.SUCCEEDED:
        session.set_operator(usual)
        session.wait_without_users(_REPAIR_TIME)
        run, again = _recover_run(session, ready, run, result)
        if again.outcome is ExecutionOutcome.FAILED and (_advises_resume(again) or END_NOT_RECORDED in verdict.cause):
            # The end was recorded that could not be, or a wait was over whose time had run out meanwhile: the account
            # says what now.
            run, again = _recover_run(session, ready, run, again)
        verdict.again = again.outcome
        verdict.problems += _invariant_violations(again, "again: ", excused - {"acknowledged"})
        if again.outcome is not ExecutionOutcome.SUCCEEDED:
            verdict.problems.append(f"again: {again.outcome}: {again.error}: {_single_line(again.cause)}")
    seen = breaking.observed
    seen.final_snapshot = _final_snapshot(session)
    if (
        expected_snapshot is not None
        and ExecutionOutcome.SUCCEEDED in (verdict.outcome, verdict.again)
        and not _operator_skipped_step(session, run)
    ):
        verdict.problems += [
            f"otherwise than after the clean run: {each}"
            for each in snapshot_differences(expected_snapshot, seen.final_snapshot)
        ]
    seen.outcome, seen.problems, seen.regions = verdict.outcome, verdict.problems, [run.way.target, run.way.origin]
    return verdict, seen


def _operator_skipped_step(session: RehearsalSession, run: RehearsedRun) -> bool:
    """Whether a person had a step left out: what it would have done is not there, and the account says so."""
    return any(
        entry.event is JournalEvent.QUESTION_ANSWERED and entry.facts.get("decision") == "skip"
        for entry in session.journals.journal(run)
    )


def _final_snapshot(session: RehearsalSession) -> dict[str, str]:
    """What there is in the end, once all has come to rest."""
    session.wait_without_users(_SETTLE_TIME)
    return {name: value for name, value in take_world_snapshot(session).items() if name not in _IGNORED_SNAPSHOT_FIELDS}


def result_without_faults(baseline_result: TrialResult) -> TrialResult:
    """What is said of faults that never struck: the run was the clean one."""
    return replace(baseline_result, struck=False, again="", seconds=0.0)


def _recover_run(
    session: RehearsalSession, ready: BuiltRunbook, run: RehearsedRun, result: RehearsalResult
) -> tuple[RehearsedRun, RehearsalResult]:
    """What the run's end says to do first: let the execution go on at the step that failed, or start the runbook again.
    An execution that was stopped from outside, or timed out, goes on too."""
    if result.outcome is ExecutionOutcome.FAILED and not _advises_resume(result):
        return play_run(session, ready, "again", _advised_input(result, run))
    try:
        session.engine.redrive_execution(run.execution)
    except ClientError as error:
        raise RedriveRejected(f"{run.id} was not redriven: {error}") from error
    return run, complete_run(session, run)


def _advises_resume(result: RehearsalResult) -> bool:
    return _RESUME_COMMAND in (result.cause or "")


def _advised_input(result: RehearsalResult, run: RehearsedRun) -> Mapping[str, Any]:
    """What a person starts the runbook with again: word for word what the run's own end says, where it could say it;
    else what it was started with before, and the lock taken over."""
    cause = result.cause or ""
    start = cause.rfind(" again with {")
    if start >= 0:
        told: dict[str, Any] = json.JSONDecoder().raw_decode(cause, cause.index("{", start))[0]
        return told
    return {**run.run_input, "take_over": run.id}


def _invariant_violations(result: RehearsalResult, prefix: str, excused: frozenset[str]) -> list[str]:
    broken = [each for each in result.invariants if not each.held and each.name not in excused]
    return [f"{prefix}{each.name}: {each.detail}" for each in broken]


def _excused_invariants(faults: tuple[PlannedFault, ...], ready: BuiltRunbook, run: RehearsedRun) -> frozenset[str]:
    """What cannot be asked of a run. One whose own Region is dark can write nothing down, every call that it makes is
    one to that Region, and what users wrote there can be read by nobody. A way back needs both Regions: it must stop
    where one is dark, and by asking it finds out; so does what is to prove that the other Region follows. A drill
    leaves the users where they were: those of a Region that goes dark beside it are not served there, whatever it
    does."""
    dark = {fault.region for fault in faults if fault.mode == OUTAGE_MODE}
    excused: set[str] = set()
    if run.way.target in dark:
        excused |= {"truth", "static-stability", "acknowledged"}
    if dark and ready.runbook.direction is RunDirection.FAILBACK:
        excused.add("static-stability")
    if run.ready.application.regions.primary in dark and (restores_origin_service(ready) or not moves_users(ready)):
        excused |= {"truth", "drill-isolation"}
    if run.way.origin in dark and any(step.kind == _REPLICATION_PROOF_KIND for step in ready.runbook.steps):
        excused.add("static-stability")
    return frozenset(excused)


def _single_line(text: str | None) -> str:
    return (text or "").replace("\n", " ")[:400]
