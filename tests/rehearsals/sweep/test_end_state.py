"""The end state of trials and of the run without faults: what is left behind is a problem."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from leeward.rehearsal.end_state.declared.undeclared_changes import find_undeclared_changes
from leeward.rehearsal.end_state.trial_goal import read_end_state
from leeward.rehearsal.session.rehearsal_session import RehearsalSession
from leeward.rehearsal.sweep import sweep_runner
from leeward.rehearsal.sweep.faults.planned_faults import parse_fault_set
from leeward.rehearsal.sweep.sweep_runner import CleanRunFails
from leeward.rehearsal.sweep.sweep_setup import SweepTarget, open_sweep_session
from leeward.rehearsal.sweep.trials import trial
from leeward.rehearsal.sweep.trials.followup_faults import FixedFaultPlan
from tests.rehearsal.end_state.leftovers import ANY, HOME, DrawnLeftover, draw_leftovers
from tests.rehearsal.end_state.leftovers_anywhere import ANYWHERE
from tests.rehearsal.end_state.leftovers_of_samples import OF_WEBSITE
from tests.support.paths import REPOSITORY

Plant = Callable[[list[DrawnLeftover]], None]
DRILL = SweepTarget(REPOSITORY, "website", "drill", 7)
RUNBOOKS = sorted(
    (path.parent.name, path.stem)
    for path in Path(REPOSITORY, "runbooks").glob("*/*.yaml")
    if path.stem != "application"
)


@pytest.fixture
def plant(monkeypatch: pytest.MonkeyPatch) -> Plant:
    """Leave leftovers behind at the end of every run."""

    def leave(leftovers: list[DrawnLeftover]) -> None:
        def read(session: RehearsalSession, *given: object) -> object:
            for each in leftovers:
                each.leave(session)
            return read_end_state(session, *given)  # type: ignore[arg-type]

        monkeypatch.setattr(trial, "read_end_state", read)

    return leave


def draw(count: int, *regions: str) -> list[DrawnLeftover]:
    homes = [region for region in regions if region in ("us-east-1", "us-west-2")]
    return list(draw_leftovers((*ANYWHERE, *OF_WEBSITE), "trial", count, {HOME: homes, ANY: regions}))


def test_leftover_in_run_without_faults_is_undeclared(plant: Plant) -> None:
    plant(draw(6, "us-east-1", "eu-north-1"))
    with pytest.raises(CleanRunFails, match=r"website drill changes without faults what none of its steps declares"):
        sweep_runner._run_baseline(DRILL)


@pytest.mark.verify("plays a run for each of many leftovers")
@pytest.mark.parametrize("leftover", draw(12, "us-east-1", "us-west-2", "eu-north-1"), ids=str)
def test_each_leftover_of_clean_run_is_undeclared(plant: Plant, leftover: DrawnLeftover) -> None:
    plant([leftover])
    with pytest.raises(CleanRunFails):
        sweep_runner._run_baseline(DRILL)


@pytest.mark.verify("plays every committed runbook")
@pytest.mark.parametrize(("application", "runbook"), RUNBOOKS)
def test_committed_runbook_changes_only_what_its_steps_declare(application: str, runbook: str) -> None:
    with open_sweep_session(SweepTarget(REPOSITORY, application, runbook, 7)) as (session, ready):
        result, observed = trial.run_trial(session, ready)
        assert result.outcome == "succeeded"
        assert observed.end_state is not None
        assert observed.end_state.final.document.keys() != observed.end_state.initial.document.keys()
        assert list(map(str, find_undeclared_changes(observed.end_state, ready))) == []


@pytest.mark.verify("plays a baseline and two trials")
def test_leftover_of_trial_is_a_problem(plant: Plant) -> None:
    with open_sweep_session(DRILL) as (session, ready):
        expected = trial.run_trial(session, ready)[1].end_state

    def problems() -> list[str]:
        with open_sweep_session(DRILL) as (session, ready):
            fault_plan = FixedFaultPlan(*parse_fault_set("call:40:denied"))
            return trial.run_trial(session, ready, fault_plan, expected)[0].problems

    assert problems() == []
    leftovers = draw(8, "us-east-1", "us-west-2", "eu-north-1")
    plant(leftovers)
    found = problems()
    assert len(found) >= len(leftovers)
    assert all(problem.startswith("differs from the baseline run: ") for problem in found)
