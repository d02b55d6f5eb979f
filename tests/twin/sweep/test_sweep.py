"""A quick part of the sweep, on the committed runbooks; and what a sweep says of a run that does not end well."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from control import outcome
from twin import evidence, invariants
from twin.invariants import Record
from twin.report import InvariantReport
from twin.sweep.faults import NoSuchFault
from twin.sweep.stages import Course
from twin.sweep.sweep import Progress, Wish, sweep
from twin.sweep.trial import Verdict

ROOT = Path(__file__).parents[3]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The project, in a folder of its own to build in."""
    for name in ("runbooks", "state_machines", "workloads", "common", "control", "drs", "lambdas", "traffic", "twin"):
        (tmp_path / name).symlink_to(ROOT / name)
    (tmp_path / "build").mkdir()
    (tmp_path / "build" / "parsed").symlink_to(ROOT / "build" / "parsed")
    return tmp_path


def test_a_quick_part_of_the_failover_ends_well(project: Path) -> None:
    swept = sweep(Course(project, "website", "failover", 7), Wish(quick=True, limit=10, jobs=2))
    assert not swept.failures
    assert swept.runs == swept.struck == 10
    assert swept.succeeded + swept.converged == 10
    assert swept.converged > 0  # some ended otherwise than in success, and were gone on with


def test_a_sweep_that_was_cut_short_is_gone_on_with_and_a_pair_is_a_case(project: Path) -> None:
    course = Course(project, "website", "drill", 7)
    first = sweep(course, Wish(limit=1))
    told: list[int] = []

    def watch(progress: Progress, verdict: Verdict | None) -> None:
        told.append(progress.done)

    second = sweep(course, Wish(limit=2, resume=True), watch)
    assert (first.ran, second.ran, second.runs) == (1, 1, 2)
    assert told == [1, 2]
    lines = (project / "build" / "sweep" / "website-drill-7.jsonl").read_text().splitlines()
    assert len(lines) == 1 + 2
    assert json.loads(lines[0])["runbook"] == "drill"


@pytest.fixture
def no_denial() -> Iterator[None]:
    """A promise that no run can keep whose call was denied."""

    def never_denied(record: Record) -> InvariantReport:
        denied = sum("AccessDenied" in call.outcome for call in record.calls)
        return InvariantReport(name="never-denied", held=not denied, detail=f"{denied} denied")

    before = invariants.ALL
    # Where whoever makes a report finds them; a name of their own in its module, hence the detour for the type checker.
    vars(evidence)["ALL"] = (*before, never_denied)
    yield
    vars(evidence)["ALL"] = before


@pytest.mark.usefixtures("no_denial")
def test_a_failure_comes_with_the_one_command_that_replays_it_and_shrinks_to_what_fails_alone(project: Path) -> None:
    course = Course(project, "website", "drill", 7)
    swept = sweep(course, Wish(only="call:40:denied+call:60:throttled"))
    (failure,) = swept.failures
    assert "never-denied: 1 denied" in failure.problems
    assert failure.smallest == "call:40:denied"
    assert failure.replay == "leeward sweep website drill --seed 7 --only call:40:denied"
    assert not swept.passed


def test_a_planted_bug_that_no_clean_run_shows_is_found(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An account that forgets what was not done."""
    listed = outcome._listed

    def forgetful(title: str, ends: Sequence[outcome.StepEnd], fate: outcome.Fate) -> list[str]:
        return [] if fate is outcome.Fate.NOT_REACHED else listed(title, ends, fate)

    monkeypatch.setattr(outcome, "_listed", forgetful)
    (failure,) = sweep(Course(project, "website", "drill", 7), Wish(only="call:40:denied")).failures
    assert any(problem.startswith("truth: failed, and does not say that") for problem in failure.problems)


def test_a_function_whose_process_dies_is_called_again(project: Path) -> None:
    swept = sweep(Course(project, "website", "drill", 7), Wish(only="call:50:killed-after"))
    assert swept.passed
    assert (swept.succeeded, swept.converged) == (1, 0)


def test_a_fault_that_does_not_exist_is_refused(project: Path) -> None:
    with pytest.raises(NoSuchFault):
        sweep(Course(project, "website", "drill", 7), Wish(only="call:40:deneid"))
