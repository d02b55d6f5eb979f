"""A quick part of the sweep, on the committed runbooks; and what a sweep says of a run that does not end well."""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import BotoCoreError

from leeward.common.aws.clients import client
from leeward.control.outcome import run_summary
from leeward.lambdas import drs_recover_undo
from leeward.rehearsal.assessment import run_assessment
from leeward.rehearsal.invariants import list_invariants
from leeward.rehearsal.invariants.invariant import Invariant
from leeward.rehearsal.invariants.run_record import RunRecord
from leeward.rehearsal.results.reports.invariant_report import InvariantReport
from leeward.rehearsal.results.result_models import RehearsalResult
from leeward.rehearsal.runner.single_rehearsal import play_run
from leeward.rehearsal.session.rehearsal_session import RehearsalSession
from leeward.rehearsal.session.rehearsed_run import RehearsedRun
from leeward.rehearsal.sweep import sweep_runner
from leeward.rehearsal.sweep.faults.baseline import fault_location
from leeward.rehearsal.sweep.faults.planned_faults import NoSuchFault, PlannedFault, parse_fault_set
from leeward.rehearsal.sweep.sweep_runner import CleanRunFails, SweepOptions, SweepProgress, run_sweep
from leeward.rehearsal.sweep.sweep_setup import SweepTarget, open_sweep_session
from leeward.rehearsal.sweep.trials import forked_trials, trial, worker_pool
from leeward.rehearsal.sweep.trials.trial import START_POINT, TrialResult
from leeward.traffic.routing import routing_controls
from tests.support.nonempty import nonempty
from tests.support.paths import REPOSITORY

real_sleep = time.sleep


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The project, in a folder of its own to build in."""
    for name in ("runbooks", "state_machines", "workloads"):
        (tmp_path / name).symlink_to(REPOSITORY / name)
    (tmp_path / "build").mkdir()
    (tmp_path / "build" / "parsed").symlink_to(REPOSITORY / "build" / "parsed")
    return tmp_path


@pytest.mark.verify("a sweep; make verify sweeps every runbook too")
def test_partial_failover_sweep_passes(project: Path) -> None:
    swept = run_sweep(SweepTarget(project, "website", "failover", 7), SweepOptions(quick=True, limit=10, jobs=2))
    assert not swept.failures
    assert swept.runs == 10
    assert swept.took_effect >= 8  # two of the classes may find nothing to change in the answer that it is drawn for
    assert swept.succeeded + swept.converged == swept.took_effect
    assert swept.converged > 0  # some ended otherwise than in success, and were gone on with


@pytest.mark.verify("a sweep of its own; `make test` has a partial one")
def test_interrupted_sweep_resumes_with_pairs(project: Path) -> None:
    course = SweepTarget(project, "website", "drill", 7)
    first = run_sweep(course, SweepOptions(limit=1))
    output: list[int] = []

    def watch(progress: SweepProgress, verdict: TrialResult | None) -> None:
        output.append(progress.completed_trials)

    second = run_sweep(course, SweepOptions(limit=2, resume=True), watch)
    assert (first.ran, second.ran, second.runs) == (1, 1, 2)
    assert output == [1, 2]
    lines = (project / "build" / "sweep" / "website-drill-7.jsonl").read_text().splitlines()
    assert len(lines) == 1 + 2
    assert json.loads(lines[0])["runbook"] == "drill"


@pytest.mark.verify("a trial for each fault")
@pytest.mark.parametrize(
    ("fault", "location", "error"),
    [
        ("service:5:throttled", "leeward-lock-acquire dynamodb us-west-2", "TimedOut"),
        ("lambda-service:3:server-error", "", "Lambda.ServiceException"),
        ("lambda:3:after-Lambda.ServiceException", "", ""),
        ("lambda:3:before-Runtime.ImportModuleError", "", ""),
    ],
)
def test_service_outages_and_invocation_errors_are_injected(
    project: Path, fault: str, location: str, error: str
) -> None:
    results: list[TrialResult] = []
    target = SweepTarget(project, "website", "drill", 7)
    swept = run_sweep(target, SweepOptions(only=fault), lambda _, result: results.extend([result] if result else []))
    (result,) = results
    assert (result.no_effect, result.error, swept.took_effect) == ("", error, 1)
    assert fault_location(sweep_runner._run_baseline(target), parse_fault_set(fault)[0]).startswith(location)


@pytest.mark.verify("a baseline run for each fault")
def test_fault_after_the_end_of_the_run_is_rejected(project: Path) -> None:
    for fault in ("service:9999:throttled", "lambda-service:9999:denied", "lambda:9999:after-Lambda.Unknown"):
        with pytest.raises(NoSuchFault, match="matches nothing in the baseline run"):
            run_sweep(SweepTarget(project, "website", "drill", 7), SweepOptions(only=fault))


@pytest.mark.verify("a sweep of its own; `make test` has a partial one")
def test_followup_calls_are_swept(project: Path) -> None:
    output: list[str] = []
    options = SweepOptions(after="call:40:denied", limit=2, jobs=2)
    swept = run_sweep(
        SweepTarget(project, "website", "drill", 7),
        options,
        lambda _, verdict: output.append(verdict.fault if verdict else ""),
    )
    assert (swept.runs, swept.converged, swept.failures) == (2, 2, [])
    assert sorted(output) == ["", "call:40:denied+call:41:throttled", "call:40:denied+call:41:throttled-long"]
    assert not (project / "build" / "sweep").exists()


@pytest.fixture
def no_denial(monkeypatch: pytest.MonkeyPatch) -> None:
    """An invariant that no run holds whose call was denied."""

    def never_denied(record: RunRecord) -> InvariantReport:
        denied = sum("AccessDenied" in call.outcome for call in record.calls)
        return InvariantReport(
            name="never-denied", held=not denied, detail=f"{denied} denied", checked=len(record.calls)
        )

    added = Invariant("never-denied", "no call is denied", never_denied)
    monkeypatch.setattr(run_assessment, "list_invariants", lambda: (*list_invariants(), added))


@pytest.mark.usefixtures("no_denial")
def test_failure_has_replay_command_and_is_minimized(project: Path) -> None:
    course = SweepTarget(project, "website", "drill", 7)
    swept = run_sweep(course, SweepOptions(only="call:38:denied+call:60:throttled"))
    (failure,) = swept.failures
    assert "never-denied: 1 denied" in failure.problems
    assert failure.smallest == "call:38:denied"
    assert failure.replay == "leeward sweep website drill --seed 7 --only call:38:denied"
    assert not swept.passed


def test_bug_hidden_in_clean_run_is_found(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An account that forgets what was not done."""
    listed = run_summary._list_steps

    def forgetful(title: str, ends: Sequence[run_summary.StepSummary], fate: run_summary.StepOutcome) -> list[str]:
        return [] if fate is run_summary.StepOutcome.NOT_REACHED else listed(title, ends, fate)

    monkeypatch.setattr(run_summary, "_list_steps", forgetful)
    (failure,) = run_sweep(SweepTarget(project, "website", "drill", 7), SweepOptions(only="call:40:denied")).failures
    assert any(problem.startswith("truth: failed, and does not say that") for problem in failure.problems)


@pytest.mark.verify("a sweep of its own; `make test` has a partial one")
def test_different_end_state_is_a_failure(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A task that takes one empty list for the end of a drill's machines: it says that none is left."""
    course = SweepTarget(project, "website", "drill", 7)
    with open_sweep_session(course) as (stage, ready):
        calls = trial.run_trial(stage, ready)[1].calls
    number = 1 + calls.index("leeward-drs-recover-undo drs:DescribeRecoveryInstances us-west-2")
    options = SweepOptions(only=f"call:{number}:empty")
    assert run_sweep(course, options).passed
    monkeypatch.setattr(drs_recover_undo, "confirm_done", lambda look, _memo=None: look())
    (failure,) = run_sweep(course, options).failures
    assert failure.outcome == "succeeded"
    assert "differs from the baseline run: us-west-2 recovery instances: was 0, is 3" in failure.problems


def test_bug_in_clean_run_prevents_sweep(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A step that asks the Region which is dark, and goes on without its answer."""
    switch = routing_controls.switch_controls

    def curious(*given: Any) -> Any:
        with suppress(BotoCoreError):
            client("elbv2", "us-east-1", allow_retries=False).describe_load_balancers()
        return switch(*given)

    monkeypatch.setattr(routing_controls, "switch_controls", curious)
    with pytest.raises(CleanRunFails, match=r"fails without faults: static-stability: .*DescribeLoadBalancers"):
        run_sweep(SweepTarget(project, "website", "failover", 7), SweepOptions(limit=1))


@pytest.fixture
def history_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    """A verdict's cause holds every event of the first run's history."""

    def played(stage: RehearsalSession, *given: Any, **options: Any) -> tuple[RehearsedRun, RehearsalResult]:
        run, result = play_run(stage, *given, **options)
        history = json.dumps(stage.engine.get_history(run.execution))
        return run, result.model_copy(
            update={"cause": f"{result.cause} {hashlib.sha256(history.encode()).hexdigest()}"}
        )

    monkeypatch.setattr(trial, "play_run", played)


def _verdicts_of(
    project: Path, fault_ids: Iterable[str], known: Sequence[TrialResult] = ()
) -> dict[str, dict[str, Any]]:
    verdicts: list[TrialResult] = []
    with open_sweep_session(SweepTarget(project, "website", "drill", 7)) as (stage, ready):
        cases = [parse_fault_set(each) for each in fault_ids]
        worker_pool.run_trials(
            worker_pool.TrialSetup(stage, ready, 2), cases, lambda case, verdict: verdicts.append(verdict), known
        )
    assert len(verdicts) == len(cases)
    return {each.fault: {**each.to_dict(), "seconds": 0} for each in verdicts}


@pytest.mark.usefixtures("history_reported")
@pytest.mark.verify("runs each trial twice to compare")
def test_forked_trial_equals_trial_from_start(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """At its fault, or before the run was started: outcome, account and every event of the history."""
    output = (
        "call:40:denied",
        "call:50:answer-lost",
        "lambda:9:overruns",
        "state:20:stopped",
        "call:30:refused+lambda:7:twice",
        "step:tell_the_team:dark:us-east-1",
    )
    at_the_fault = _verdicts_of(project, output)
    monkeypatch.setattr(PlannedFault, "point", START_POINT)
    assert _verdicts_of(project, output) == at_the_fault
    assert len({each["cause"] for each in at_the_fault.values()}) == len(output)


@pytest.mark.usefixtures("history_reported")
@pytest.mark.verify("runs each trial twice to compare")
def test_merged_trials_end_like_separate_trials(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Met or not: outcome, account and every event of the history. Call 39 is a DescribeJobs, 40 a DescribeInstances of
    one machine, 36 a Query, whose answer has no word that the service model lists."""
    pairs = (
        ("call:39:server-error", "call:39:refused"),
        ("call:39:killed-after", "call:40:killed-before"),
        ("call:40:empty", "call:40:incomplete"),
    )
    apart = ("call:39:throttled", "call:39:timed-out", "call:40:killed-after")
    clean = "call:36:new-value"
    output = [*chain(*pairs), *apart, clean]
    met = _verdicts_of(project, output)
    for pair in nonempty(pairs):
        assert sorted(met[each]["same_as"] for each in pair) in ([["", each] for each in sorted(pair)])
    assert not any(met[each]["same_as"] for each in nonempty(apart))
    assert [each for each in output if met[each]["no_effect"]] == [clean]
    first, second = sorted(pairs[0], key=lambda each: str(met[each]["same_as"]))
    assert _verdicts_of(project, [second], [TrialResult(**met[first])]) == {second: met[second]}, (
        "known from an earlier sweep"
    )
    for way in ("on_equivalent_point", "on_fault_without_effect"):
        monkeypatch.setattr(forked_trials.ForkingFaultPlan, way, lambda *_: None)
    by_itself = _verdicts_of(project, output)
    alone = {"same_as": "", "met": ""}
    assert by_itself == {each: verdict | alone for each, verdict in met.items()}


@pytest.mark.verify("waits in real time")
def test_parent_waits_for_slow_children(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def slow(faults: tuple[PlannedFault, ...], *_: object) -> frozenset[str]:
        if faults:
            real_sleep(1.5)
        return frozenset()

    monkeypatch.setattr(trial, "_excused_invariants", slow)
    verdicts: list[TrialResult] = []
    with open_sweep_session(SweepTarget(project, "website", "drill", 7)) as (stage, ready):
        stage.engine._watchdog._seconds = 0.4
        cases = [parse_fault_set(f"call:20:{how}") for how in ("throttled", "refused", "expired")]
        worker_pool.run_trials(
            worker_pool.TrialSetup(stage, ready, 1), cases, lambda _, verdict: verdicts.append(verdict)
        )
    assert [verdict.problems for verdict in verdicts] == [[], [], []]


def test_unreached_fault_is_reported_as_not_injected(project: Path) -> None:
    verdicts: list[TrialResult] = []
    with open_sweep_session(SweepTarget(project, "website", "drill", 7)) as (stage, ready):
        worker_pool.run_trials(
            worker_pool.TrialSetup(stage, ready, 1),
            [parse_fault_set("call:9000:denied")],
            lambda _, verdict: verdicts.append(verdict),
        )
    assert [(verdict.no_effect, verdict.outcome) for verdict in verdicts] == [
        ("the run does not reach it", "succeeded")
    ]


@pytest.mark.parametrize(
    "only", ["call:9000:denied", "step:no_such_step:dark:us-west-2", "call:9000:denied+state:900:stopped"]
)
def test_fault_without_effect_is_rejected(project: Path, only: str) -> None:
    with pytest.raises(NoSuchFault, match=r"matches nothing in the baseline run\. .* website drill makes \d+ calls"):
        run_sweep(SweepTarget(project, "website", "drill", 7), SweepOptions(only=only))


@pytest.mark.parametrize("dies", ["exits", "hangs"])
@pytest.mark.verify("waits in real time for a process that hangs")
def test_trial_with_dead_process_fails(project: Path, monkeypatch: pytest.MonkeyPatch, dies: str) -> None:
    def ends(faults: tuple[PlannedFault, ...], *_: object) -> frozenset[str]:
        if faults and dies == "exits":
            os._exit(1)
        while faults:
            pass
        return frozenset()

    monkeypatch.setattr(trial, "_excused_invariants", ends)
    monkeypatch.setattr(forked_trials, "_TRIAL_TIMEOUT_SECONDS", 3)
    with open_sweep_session(SweepTarget(project, "website", "drill", 7)) as (stage, ready):
        verdicts: list[TrialResult] = []
        case = parse_fault_set("call:20:throttled")
        worker_pool.run_trials(
            worker_pool.TrialSetup(stage, ready, 1), [case], lambda _, verdict: verdicts.append(verdict)
        )
    (verdict,) = verdicts
    assert verdict.problems == ["the trial's process exited without a result: it timed out or crashed"]


def test_killed_function_is_retried(project: Path) -> None:
    swept = run_sweep(SweepTarget(project, "website", "drill", 7), SweepOptions(only="call:50:killed-after"))
    assert swept.passed
    assert (swept.succeeded, swept.converged) == (1, 0)


def test_unknown_fault_is_rejected(project: Path) -> None:
    with pytest.raises(NoSuchFault):
        run_sweep(SweepTarget(project, "website", "drill", 7), SweepOptions(only="call:40:deneid"))
