"""The steps that a run's input passes over."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from leeward.common.errors import InvalidInput
from leeward.control.journal.run_journal import JournalEntry, JournalEvent
from leeward.control.outcome.run_summary import StepOutcome, summarize_steps
from leeward.control.run.run_reference import (
    ExecutionContext,
    RunbookStep,
    RunbookSummary,
    RunRef,
    begin_run,
)
from leeward.kinds.registry import step_kinds

NOW = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
STEPS = [
    RunbookStep(id="take_the_lock", name="Take the lock", kind="lock"),
    RunbookStep(id="recover", name="Recover", kind="drs.recover"),
    RunbookStep(id="ask", name="Ask for approval", kind="approval.request"),
    RunbookStep(id="tell_the_team", name="Tell the team", kind="notify"),
]
RUNBOOK = RunbookSummary(
    application="website",
    runbook="failover",
    origin="us-east-1",
    target="us-west-2",
    rto_seconds=1800,
    rpo_seconds=300,
    steps=STEPS,
)


def begin_with_skip(skip: Any) -> RunRef:
    return begin_run(ExecutionContext(id="arn", name="n", started_at=NOW, input={"skip": skip}), RUNBOOK, NOW)


@pytest.mark.parametrize("named", ["Tell the team", "tell_the_team"])
def test_a_step_is_skipped_by_its_name_or_its_id(named: str) -> None:
    assert begin_with_skip([named]).skip == {"tell_the_team": True}


def test_a_step_named_twice_is_skipped_once() -> None:
    assert begin_with_skip(["Recover", "recover"]).skip == {"recover": True}


@pytest.mark.parametrize(
    ("skip", "output"),
    [
        (["Tell the tema"], "did you mean 'Tell the team'"),
        (["nothing like it"], "you can skip: Recover, Tell the team"),
        (["Take the lock"], "can't be skipped, because its kind is lock"),
        (["ask"], "can't be skipped, because its kind is approval.request"),
        ("Recover", "skip"),
        ([1], "skip"),
        ({"Recover": True}, "skip"),
    ],
)
def test_unskippable_step_is_rejected_with_reason(skip: Any, output: str) -> None:
    with pytest.raises(InvalidInput, match="skip") as refused:
        begin_with_skip(skip)
    assert output in str(refused.value)


def test_only_lock_and_approval_are_never_skipped() -> None:
    assert [name for name, kind in step_kinds().items() if not kind.may_be_skipped] == ["approval.request", "lock"]


def test_skipped_step_has_fate_passed_over() -> None:
    entries = [JournalEntry(NOW, JournalEvent.STEP_SKIPPED, "skipped", "tell_the_team", facts={"decision": "skip"})]
    fates = {end.step.id: end.outcome for end in summarize_steps(STEPS, entries, succeeded=True)}
    assert fates["tell_the_team"] is StepOutcome.SKIPPED
