"""Each step that reports success without acting is noticed, as `docs/generated/no-op-steps.md` lists."""

from __future__ import annotations

import pytest

from tests.rehearsals.no_op_steps.no_op_page import (
    MOST_UNNOTICED,
    NOTHING,
    PAGE,
    UNNOTICED,
    Row,
    listed_rows,
    make_page,
    row_of,
)
from tests.rehearsals.no_op_steps.no_op_trials import CommittedStep, NoOpTrial, committed_steps, play_no_ops
from tests.support.nonempty import nonempty

RUNBOOKS = tuple(dict.fromkeys((step.application, step.runbook) for step in committed_steps()))


def page_rows() -> dict[tuple[str, str], list[Row]]:
    page = PAGE.read_text(encoding="utf-8")
    return {runbook: listed_rows(page, *runbook) for runbook in nonempty(RUNBOOKS)}


def test_page_lists_every_step_of_every_runbook() -> None:
    listed = [
        (*runbook, row.step, row.kind.strip("`")) for runbook, rows in page_rows().items() for row in nonempty(rows)
    ]
    assert listed == [(each.application, each.runbook, each.name, each.kind) for each in nonempty(committed_steps())]


def test_at_most_three_steps_go_unnoticed_each_with_a_reason() -> None:
    unnoticed = [row.kind.strip("`") for rows in page_rows().values() for row in rows if row.noticed == NOTHING]
    assert len(unnoticed) <= MOST_UNNOTICED
    assert set(unnoticed) <= set(UNNOTICED)


def test_lost_data_of_a_planned_move_is_noticed_by_objective_and_invariants() -> None:
    """The database lags four minutes behind, and the wait for its last data does nothing."""
    (row,) = [
        each for each in page_rows()["website", "failback"] if each.step == "Wait until us-east-1 holds everything"
    ]
    assert {"`RPO`", "`acknowledged`", "`claims`"} <= set(row.noticed.split(", "))


@pytest.mark.parametrize(
    ("step", "noticed"), [("take_the_lock", "claims"), ("tell_the_team", "claims")], ids=["lock", "notify"]
)
def test_idle_step_of_the_drill_breaks_claims(step: str, noticed: str) -> None:
    (trial,) = play_no_ops("website", "drill", [step])
    assert [finding.split(":")[0] for finding in trial.findings] == [noticed]


@pytest.mark.verify("plays a runbook once for each of its steps")
@pytest.mark.parametrize(("application", "runbook"), RUNBOOKS, ids=["-".join(each) for each in RUNBOOKS])
def test_idle_steps_are_noticed_as_the_page_lists(application: str, runbook: str) -> None:
    rows = [row_of(trial) for trial in play_no_ops(application, runbook)]
    assert nonempty(rows) == listed_rows(PAGE.read_text(encoding="utf-8"), application, runbook)


def test_page_lists_what_was_noticed() -> None:
    step = CommittedStep("website", "drill", "lock", "Take the lock", "lock")
    findings = ["it failed at 'x': y", "claims: no", "claims: never", "it missed the RTO of 30m", "end state: a, b"]
    page = make_page([NoOpTrial(step, findings), NoOpTrial(step, [])])
    assert [row.noticed for row in listed_rows(page, "website", "drill")] == [
        "`outcome`, `claims`, `RTO`, `end state`",
        NOTHING,
    ]
