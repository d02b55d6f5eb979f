"""Runs one trial: the run with its faults, then the recovery of the run without faults."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import timedelta
from typing import Any, Self

from botocore.exceptions import ClientError

from leeward.control.approvals.questions import QuestionKind
from leeward.control.journal.run_journal import JournalEvent
from leeward.kinds.descriptors.effects import Effect
from leeward.rehearsal.end_state.session_state import read_twin_state
from leeward.rehearsal.end_state.trial_goal import EndState, TrialGoal, read_end_state
from leeward.rehearsal.invariants.truth import END_NOT_RECORDED
from leeward.rehearsal.results.objectives import Objectives, read_objectives
from leeward.rehearsal.results.result_models import ExecutionOutcome, RehearsalResult
from leeward.rehearsal.runner.single_rehearsal import complete_run, play_run
from leeward.rehearsal.scenarios.compiled_runbooks import moves_users, restores_origin_service
from leeward.rehearsal.session.rehearsal_session import RehearsalSession
from leeward.rehearsal.session.rehearsed_run import RehearsedRun
from leeward.rehearsal.sweep.faults.baseline import Baseline
from leeward.rehearsal.sweep.faults.planned_faults import OUTAGE_MODE, PlannedFault
from leeward.rehearsal.sweep.injection.injector import FaultInjector, FaultPlan, NoFaultPlan
from leeward.rehearsal.sweep.injection.operator_faults import apply_operator_faults, find_asked_questions
from leeward.state_machines.application.run_direction import RunDirection
from leeward.state_machines.build import BuiltRunbook
from leeward.state_machines.step_kinds.step_behavior import has_effect
from leeward.state_machines.validate.runbooks.drill_rules import is_drill
from leeward.twin.errors import TwinError

# The summary of a run that can be redriven contains this command (control/outcome/next_steps.py).
_RESUME_COMMAND = "`leeward resume "
# The pause between the faulty run and the recovery, in which the fault is fixed and replication settles. Users send no
# requests meanwhile, because nothing changes for them.
_REPAIR_TIME = timedelta(minutes=20)
# The point before the start of the run.
START_POINT = "start"


class RedriveRejected(TwinError):
    """Raised when Step Functions rejects the redrive of an execution whose summary advises `leeward resume`."""


@dataclass(slots=True)
class TrialResult:
    """The result of a trial.

    - `fault`, `label`: the fault set's ID and classes.
    - `no_effect`: why the fault set, or one of its faults, changed nothing. Empty if each changed something.
    - `again`: the outcome of the recovery, if there was one.
    - `problems`: why the trial failed. Empty if it passed.
    - `same_as`: the equivalent trial whose result this trial shares.
    - `met`: the name of the file in which other trials find that they are equivalent to this one.
    - `asked`: whether the faulty run asked an operator what to do about a failed step.
    - `objectives`: the RTO and RPO of the faulty run.
    - `compared`: how many things each invariant compared, in the faulty run and in its recovery together.
    - `seconds`: the CPU time.
    """

    fault: str = ""
    label: str = ""
    no_effect: str = ""
    outcome: str = ""
    error: str = ""
    again: str = ""
    problems: list[str] = field(default_factory=list)
    cause: str = ""
    same_as: str = ""
    met: str = ""
    asked: bool = False
    objectives: Objectives = field(default_factory=dict)
    compared: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def took_effect(self) -> bool:
        """Return whether each fault of the fault set changed something: a call, the world, or the history."""
        return not self.no_effect

    @property
    def passed(self) -> bool:
        """Return whether all invariants held and the goal was reached."""
        return not self.problems

    def with_outcome_of(self, other: Self) -> Self:
        """Return this result with the outcome of the equivalent trial `other`."""
        return replace(
            other, fault=self.fault, label=self.label, same_as=self.same_as, met=self.met, seconds=self.seconds
        )

    def add_compared(self, result: RehearsalResult) -> None:
        """Add what the invariants compared in one run."""
        for report in result.invariants:
            if report.checked:
                self.compared[report.name] = self.compared.get(report.name, 0) + report.checked

    def to_dict(self) -> dict[str, Any]:
        """Return the result as a JSON object."""
        return asdict(self)


def run_trial(
    session: RehearsalSession,
    ready: BuiltRunbook,
    fault_plan: FaultPlan | None = None,
    expected: EndState | None = None,
) -> tuple[TrialResult, Baseline]:
    """Run a trial, assess it, and recover the run if it doesn't succeed. Return the result and the record of the run.

    `fault_plan` decides which faults start at which point. Without it, there are no faults. `expected` is the state
    after the baseline run, which the trial must reach too.
    """
    trial_result = TrialResult()
    # Trials are forked later, and share what is computed here.
    initial = read_twin_state(session)
    goal = None if expected is None else TrialGoal.from_baseline(expected, initial)
    injector = FaultInjector(session, fault_plan or NoFaultPlan())
    injector.reach_point(START_POINT)
    normal_operator = session.scenario.operator
    session.set_operator(apply_operator_faults(normal_operator, injector.faults))
    run, result = play_run(session, ready, "trial", {}, on_start=injector.start_injecting)
    faults = injector.faults
    trial_result.outcome, trial_result.error, trial_result.cause = (
        result.outcome,
        result.error or "",
        result.cause or "",
    )
    asked = find_asked_questions(session.journals.journal(run))
    trial_result.asked = QuestionKind.FAILURE in asked
    trial_result.objectives = read_objectives(result.rto, result.rpo)
    excused = _excused_invariants(faults, ready, run)
    trial_result.problems = _invariant_violations(result, "", excused)
    trial_result.add_compared(result)
    injector.stop_injecting(asked, was_stopped=result.outcome is ExecutionOutcome.ABORTED)
    trial_result.no_effect = injector.effects.describe_missing(faults)
    if result.outcome is not ExecutionOutcome.SUCCEEDED:
        session.set_operator(normal_operator)
        session.wait_without_users(_REPAIR_TIME)
        run, again = recover_run(session, ready, run, result)
        if again.outcome is ExecutionOutcome.FAILED and (
            _advises_resume(again) or END_NOT_RECORDED in trial_result.cause
        ):
            # The recovery only recorded the end that the run couldn't record, or a wait had timed out meanwhile. The
            # new summary says what to do next.
            run, again = recover_run(session, ready, run, again)
        trial_result.again = again.outcome
        trial_result.add_compared(again)
        trial_result.problems += _invariant_violations(again, "again: ", excused - {"acknowledged"})
        if again.outcome is not ExecutionOutcome.SUCCEEDED:
            trial_result.problems.append(f"again: {again.outcome}: {again.error}: {_single_line(again.cause)}")
    observed = injector.observed
    observed.end_state = read_end_state(session, initial)
    if (
        goal is not None
        and ExecutionOutcome.SUCCEEDED in (trial_result.outcome, trial_result.again)
        and not _operator_skipped_step(session, run)
    ):
        unavailable = {fault.region for fault in faults if fault.mode == OUTAGE_MODE}
        found = goal.differences(observed.end_state, unavailable)
        trial_result.problems += [f"differs from the baseline run: {each}" for each in found]
    observed.objectives = trial_result.objectives
    observed.outcome, observed.problems, observed.regions = (
        trial_result.outcome,
        trial_result.problems,
        [run.way.target, run.way.origin],
    )
    return trial_result, observed


def _operator_skipped_step(session: RehearsalSession, run: RehearsedRun) -> bool:
    """Return whether the operator skipped a step, whose changes are then missing from the final state."""
    return any(
        entry.event is JournalEvent.QUESTION_ANSWERED and entry.facts.get("decision") == "skip"
        for entry in session.journals.journal(run)
    )


def result_without_faults(baseline_result: TrialResult, reason: str) -> TrialResult:
    """Return the baseline's result for faults that changed nothing, for this reason."""
    return replace(baseline_result, no_effect=reason, again="", seconds=0.0)


def recover_run(
    session: RehearsalSession, ready: BuiltRunbook, run: RehearsedRun, result: RehearsalResult
) -> tuple[RehearsedRun, RehearsalResult]:
    """Recover the run as its summary advises: redrive the execution, or start the runbook again.

    An execution that was stopped or timed out is redriven too.
    """
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
    """Return the input with which an operator starts the runbook again.

    This is exactly the input in the run's summary. If there is no summary, it is the run's own input plus `take_over`.
    """
    cause = result.cause or ""
    start = cause.rfind(" again with {")
    if start >= 0:
        advised: dict[str, Any] = json.JSONDecoder().raw_decode(cause, cause.index("{", start))[0]
        return advised
    return {**run.run_input, "take_over": run.id}


def _invariant_violations(result: RehearsalResult, prefix: str, excused: frozenset[str]) -> list[str]:
    """Return a problem for each violated invariant that isn't excused."""
    broken = [each for each in result.invariants if each.violated and each.name not in excused]
    return [f"{prefix}{each.name}: {each.detail}" for each in broken]


def _excused_invariants(faults: tuple[PlannedFault, ...], ready: BuiltRunbook, run: RehearsedRun) -> frozenset[str]:
    """Return the invariants that don't apply to a run because of its Region outages.

    - If the target is unavailable, the run can't write its journal, all its calls go to an unavailable Region, and
      users' writes there can't be read.
    - A failback needs both Regions. It must stop if one is unavailable, and it finds this out by calling the Region.
      The same applies to a step that proves that the other Region has received all writes.
    - A drill can't change that the users of an unavailable Region aren't served.
    """
    unavailable = {fault.region for fault in faults if fault.mode == OUTAGE_MODE}
    excused: set[str] = set()
    if run.way.target in unavailable:
        excused |= {"truth", "static-stability", "acknowledged"}
    if unavailable and ready.runbook.direction is RunDirection.FAILBACK:
        excused.add("static-stability")
    if run.ready.application.regions.primary in unavailable and (
        restores_origin_service(ready) or not moves_users(ready)
    ):
        excused |= {"truth", "drill-isolation"}
    if run.way.target in unavailable and is_drill(ready.runbook):
        excused.add("drill-isolation")  # a drill may have moved users to the target
    if run.way.origin in unavailable and any(has_effect(step, Effect.AWAITS_WRITES) for step in ready.runbook.steps):
        excused.add("static-stability")
    return frozenset(excused)


def _single_line(text: str | None) -> str:
    return (text or "").replace("\n", " ")[:400]
