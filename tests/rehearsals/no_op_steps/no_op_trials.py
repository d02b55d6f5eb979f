"""Plays a committed runbook once for each of its steps, with that step as a no-op, and lists what the judges say."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from leeward.common.claims.all_claims import read_claims
from leeward.common.polling import PollResult
from leeward.rehearsal.processes.forked_process import ForkedProcess
from leeward.rehearsal.results.result_models import ExecutionOutcome
from leeward.rehearsal.runner.prerequisite_runs import report_prerequisite
from leeward.rehearsal.runner.single_rehearsal import play_run
from leeward.rehearsal.session.rehearsal_session import RehearsalSession
from leeward.rehearsal.snapshots.world_snapshot import snapshot_differences, take_world_snapshot
from leeward.rehearsal.sweep.sweep_setup import SweepTarget, open_sweep_session
from leeward.state_machines.build import BuiltRunbook, build_runbooks
from tests.rehearsals.no_op_steps.no_op_handlers import NoOp, Results, results_of_clean_run, use_no_op
from tests.rehearsals.no_op_steps.worlds_that_matter import world_for
from tests.support.paths import REPOSITORY

SETTLE_TIME = timedelta(minutes=4)


@dataclass(frozen=True, slots=True)
class CommittedStep:
    """One step of a committed runbook."""

    application: str
    runbook: str
    id: str
    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class NoOpTrial:
    """What the judges say of a run whose `step` only reported success."""

    step: CommittedStep
    findings: list[str]


def committed_steps() -> list[CommittedStep]:
    """Every step of every committed runbook, in order."""
    return [
        CommittedStep(ready.application.application, ready.runbook.runbook, step.id, step.name, step.kind)
        for ready in build_runbooks(REPOSITORY / "runbooks")
        for step in ready.compiled.steps
    ]


def play_no_ops(application: str, runbook: str, step_ids: Sequence[str] | None = None) -> list[NoOpTrial]:
    """Play the runbook with each of these steps, or every step, as a no-op. Every trial is a fork of one session."""
    steps = [each for each in committed_steps() if (each.application, each.runbook) == (application, runbook)]
    chosen = [each for each in steps if step_ids is None or each.id in step_ids]
    with open_sweep_session(SweepTarget(REPOSITORY, application, runbook, 7)) as (session, ready):
        clean = _in_fork(session, partial(_play_clean, session, ready))
        assert not clean["findings"], clean["findings"]
        return [NoOpTrial(step, _in_fork(session, partial(_play, session, ready, step, clean))) for step in chosen]


def _play_clean(session: RehearsalSession, ready: BuiltRunbook) -> Any:
    run, result = play_run(session, ready, "trial", {})
    session.wait_without_users(SETTLE_TIME)
    report = report_prerequisite(result)
    return {
        "findings": [*report.problems, *report.missed_objectives],
        "snapshot": dict(take_world_snapshot(session)),
        "results": [
            [step, found.detail, [claim.model_dump(mode="json") for claim in found.claims]]
            for step, found in results_of_clean_run(session.journals.journal(run)).items()
        ],
    }


def _play(session: RehearsalSession, ready: BuiltRunbook, step: CommittedStep, clean: Any) -> Any:
    target = ready.compiled.run_regions.target
    world = world_for(step.kind)
    use_no_op(session, NoOp(step.id, _load_results(clean["results"]), lambda stage: world.change(stage, target)))
    _, result = play_run(session, ready, "trial", {})
    report = report_prerequisite(result)
    findings = [*report.problems, *report.missed_objectives]
    if result.outcome is ExecutionOutcome.SUCCEEDED:
        session.wait_without_users(SETTLE_TIME)
        differences = snapshot_differences(clean["snapshot"], take_world_snapshot(session))
        findings += [f"end state: {each}" for each in differences if not each.startswith("users:")]
    return findings


def _load_results(stored: Any) -> Results:
    return {step: PollResult(True, detail, tuple(read_claims({"claims": claims}))) for step, detail, claims in stored}


def _in_fork(session: RehearsalSession, play: Callable[[], Any]) -> Any:
    """Call `play` in a fork of the session, and return its result."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "result.json"
        child = ForkedProcess.start(
            lambda _: path.write_text(json.dumps(play())), fork=lambda: session.engine.fork(with_watchdog=False)
        )
        try:
            while child.read():
                pass
        finally:
            child.end()
        assert path.exists(), "the trial's process ended without a result"
        return json.loads(path.read_text())
