"""A run doesn't depend on what only informs operators: SNS, EventBridge, or CloudWatch fails in the target."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from leeward.control.journal.run_journal import JournalEntry
from leeward.rehearsal.results.result_models import ExecutionOutcome
from leeward.rehearsal.scenarios.aws_faults.aws_fault_documents import ServiceFails
from leeward.rehearsal.scenarios.scenario_documents import OperatorSettings, ReplicationLags
from tests.support.nonempty import nonempty
from tests.support.website_session import WEST, broken_invariants, run_to_end, website_session

LAGS = ReplicationLags(kind="replication", group="database", lag=timedelta(minutes=12))
# The twin waits for the connect timeout of other clients, twice, and for the pause between.
LONGEST_HOLD = timedelta(seconds=12)


def failing(service: str, fault: str, **times: Any) -> ServiceFails:
    document = {"kind": "service", "service": service, "region": WEST, "fault": fault, **times}
    return ServiceFails.model_validate(document)


def named(entries: list[JournalEntry], event: str) -> list[JournalEntry]:
    return [entry for entry in entries if entry.event == event]


@pytest.mark.parametrize("fault", ["server-error", "black-hole", "throttled"])
def test_approved_failover_reaches_its_goal_without_sns(fault: str) -> None:
    with website_session(failing("sns", fault)) as stage:
        result, run, _ = run_to_end(stage, approve=True)
        assert result.outcome is ExecutionOutcome.SUCCEEDED, result.cause
        assert broken_invariants(result) == []
        journal = stage.journals.journal(run)
    (ready,) = [e for e in named(journal, "step.done") if e.facts["task"] == "preflight"]
    assert "the team's topic could not be checked" in ready.detail
    unsent = nonempty(named(journal, "message.unsent"))
    assert [entry.facts["purpose"] for entry in unsent] == ["notice"]
    assert not named(journal, "message.sent")
    (notice,) = [e for e in named(journal, "step.done") if e.facts["task"] == "notify"]
    assert notice.detail.startswith("not sent, recorded for a later try")
    assert notice.at - unsent[0].at < timedelta(seconds=1)


@pytest.mark.parametrize("service", ["events", "cloudwatch"])
@pytest.mark.parametrize("fault", ["server-error", "black-hole"])
def test_approved_failover_reaches_its_goal_without_events_or_metrics(service: str, fault: str) -> None:
    """Tasks put their metrics through the log. The cases of CloudWatch fail when a task depends on its API."""
    with website_session(failing(service, fault)) as stage:
        result, run, _ = run_to_end(stage, approve=True)
        assert result.outcome is ExecutionOutcome.SUCCEEDED, result.cause
        assert broken_invariants(result) == []
        assert named(stage.journals.journal(run), "message.sent")


@pytest.mark.parametrize("fault", ["server-error", "black-hole"])
def test_unsent_questions_stay_open_until_the_operator_answers(fault: str) -> None:
    """An approval, and then a failed step under `ask`: neither message is sent, and both questions are answered."""
    operator = OperatorSettings(approval="approve", failure="skip")
    with website_session(LAGS, failing("sns", fault), operator=operator) as stage:
        result, run, _ = run_to_end(stage)
        assert result.outcome is ExecutionOutcome.SUCCEEDED, result.cause
        assert broken_invariants(result) == []
        journal = stage.journals.journal(run)
    asked, answered = named(journal, "question.asked"), named(journal, "question.answered")
    assert {entry.facts["kind"] for entry in asked} == {"approval", "failure"}
    assert [e.facts["decision"] for e in answered] == [
        "approve" if e.facts["kind"] == "approval" else "skip" for e in asked
    ]
    unsent = [entry for entry in named(journal, "message.unsent") if entry.facts["purpose"] == "question"]
    assert [(entry.step, entry.attempt) for entry in unsent] == [(entry.step, entry.attempt) for entry in asked]
    for question, message in zip(nonempty(asked), unsent, strict=True):
        assert message.at - question.at < LONGEST_HOLD


def test_messages_are_sent_once_when_sns_responds_again() -> None:
    """SNS fails until after the questions. The notice at the end of the runbook sends their messages first."""
    operator = OperatorSettings(approval="approve", failure="skip")
    with website_session(LAGS, failing("sns", "server-error", until="12m"), operator=operator) as stage:
        result, run, _ = run_to_end(stage)
        assert result.outcome is ExecutionOutcome.SUCCEEDED, result.cause
        links = stage.journals.chain_links(run)
    unsent = nonempty([link for link in links if link.event == "message.unsent"])
    sent = [link for link in links if link.event == "message.sent"]
    assert [link.facts.get("unsent") for link in sent] == [*(link.seq for link in unsent), None]
    assert [link.facts["subject"] for link in sent[:-1]] == [link.facts["subject"] for link in unsent]
