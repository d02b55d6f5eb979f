"""The evidence says what the journal says, and what is not known is not made up."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest

from leeward.common.errors import NotFound
from leeward.control.journal.hash_chain import find_breaks
from leeward.control.journal.run_journal import JournalEvent
from leeward.control.run.run_reference import RunbookSummary
from leeward.evidence.from_journal.evidence_builder import build_evidence
from leeward.evidence.from_journal.objectives import ServiceRecord, measure_rto
from leeward.evidence.model import EvidenceStepStatus, MeasurementStatus
from tests.support.nonempty import nonempty
from tests.support.sample_journals import RUN, START, STEPS, JournalBuilder, failover, resumed, unnotified


def test_evidence_without_clients_is_measured_from_journal() -> None:
    links = failover()
    made = build_evidence(RUN, links)
    checked = next(link for link in links if link.step == "look" and link.event == JournalEvent.STEP_DONE)
    assert made.rto.measured_seconds == (checked.at - START + timedelta(minutes=2)).total_seconds()
    assert (made.rpo.measured_seconds, made.rpo.met) == (8, True)
    assert "the incident" in made.rto.basis
    assert made.passed
    assert made.traffic is None
    assert made.usage.dollars is None
    assert find_breaks(RUN, made.journal) == []


def test_step_times_come_from_entries() -> None:
    links = failover()
    steps = {step.id: step for step in build_evidence(RUN, links).steps}
    assert list(steps) == [step["id"] for step in STEPS]
    for name, step in steps.items():
        of_it = [link for link in links if link.step == name]
        assert (step.started_at, step.ended_at) == (of_it[0].at, of_it[-1].at)
        assert step.status is EvidenceStepStatus.DONE


def test_downtime_segments_add_up_to_rto() -> None:
    made = build_evidence(RUN, failover(100, 10))
    assert made.rto.measured_seconds is not None
    assert sum(each.seconds for each in made.went) == pytest.approx(made.rto.measured_seconds, abs=1)
    for before, after in zip(made.went, made.went[1:], strict=False):
        assert before.ended_at <= after.started_at
    assert made.went[0].text == "until the run was started"
    assert "Ask for approval (waiting for an operator)" in [span.text for span in made.went]


def test_critical_path_has_slowest_group_of_each_wave() -> None:
    (step,) = [step for step in build_evidence(RUN, failover(60, 10)).steps if step.id == "recover"]
    assert [part.wave for part in step.parts] == [1, 1, 1, 2, 2, 2]
    assert [part.name for part in step.parts if part.critical] == ["web-group-2", "web-group-5"]


def test_servers_list_recovery_point_or_failure_reason() -> None:
    made = build_evidence(RUN, failover(30, 10, failed=4))
    lost = [server for server in made.servers if server.outcome == "failed"]
    assert [server.reason for server in lost] == ["LAUNCH_FAILED: no capacity"] * 4
    kept = [server for server in made.servers if server.outcome == "recovered"]
    assert all(server.recovery_point == START - timedelta(seconds=8) and server.instance for server in nonempty(kept))
    assert not made.passed
    assert made.rto.measured_seconds is None
    assert made.rto.basis == "users were not moved"


def test_decisions_name_the_person() -> None:
    (made,) = build_evidence(RUN, failover(reason="flood")).decisions
    assert (made.by, made.what, made.reason, made.step) == ("Ada", "approve", "flood", "Ask for approval")
    (policy,) = [d for d in build_evidence(RUN, failover(failed=1)).decisions if d.by == "the runbook"]
    assert policy.what == "policy stop"


def test_evidence_has_messages_that_were_not_sent_until_they_are() -> None:
    links = unnotified()
    (unsent,) = build_evidence(RUN, links).unsent_messages
    assert (unsent.subject, unsent.error) == ("shop failover: approval required", "sns:Publish: <down>")
    assert (unsent.step, links[unsent.seq - 1].event) == ("ask", JournalEvent.MESSAGE_UNSENT)
    assert build_evidence(RUN, unnotified(sent_later=True)).unsent_messages == []


def test_decisions_include_timeouts_and_run_input() -> None:
    book = JournalBuilder()
    began = failover()[0].facts
    run = {**began["run"], "approve": None, "approved": True, "accept_data_loss": True}  # type: ignore[dict-item]
    run.pop("approve")
    book.write(JournalEvent.RUN_BEGAN, "began", run=run, runbook=began["runbook"], execution="arn:x")
    book.write(JournalEvent.QUESTION_LAPSED, "nobody answered in time", "ask", 60, decision="reject", kind="approval")
    assert [(d.by, d.what) for d in build_evidence(RUN, book.links).decisions] == [
        ("the run's input", "approved beforehand"),
        ("the run's input", "data loss accepted beforehand"),
        ("no one answered", "reject"),
    ]


def test_running_run_has_no_outcome() -> None:
    made = build_evidence(RUN, failover()[:9])
    assert (made.outcome, made.ended_at, made.passed) == ("running", None, False)


def test_resumed_run_uses_latest_end() -> None:
    links = resumed()
    made = build_evidence(RUN, links)
    assert (made.outcome, made.error, made.ended_at) == ("succeeded", None, links[-1].at)
    assert {step.status for step in made.steps} == {EvidenceStepStatus.DONE}
    goes_on = next(n for n, link in enumerate(links) if link.event == JournalEvent.RUN_RESUMED)
    assert build_evidence(RUN, links[: goes_on + 1]).outcome == "running"
    assert build_evidence(RUN, links[:goes_on]).outcome == "failed"


def test_stopped_time_is_attributed_to_person() -> None:
    links = resumed()
    made = build_evidence(RUN, links)
    (idle,) = made.stood
    assert idle.seconds == 600
    assert [(mark.kind, mark.at) for mark in made.marks if mark.kind in ("stop", "resume")] == [
        ("stop", idle.started_at),
        ("resume", idle.ended_at),
    ]
    assert idle in made.went
    assert all(before.ended_at == after.started_at for before, after in nonempty(pairwise(made.went)))
    assert sum(span.seconds for span in made.went) == pytest.approx(made.rto.measured_seconds)
    assert ("the operator who redrove the execution", "run resumed") in [(d.by, d.what) for d in made.decisions]
    assert not build_evidence(RUN, failover()).stood


def test_silent_step_is_reached_when_later_step_failed() -> None:
    book = JournalBuilder(links=[link for link in failover() if link.step in (None, "lock", "check")][:-1])
    book.write(JournalEvent.RUN_ENDED, "failed", outcome="failed", error="Denied", cause="no", failed_step="recover")
    steps = {step.id: step.status for step in build_evidence(RUN, book.links).steps}
    assert steps["shift"] is EvidenceStepStatus.NOT_REACHED
    assert (steps["check"], steps["ask"], steps["recover"]) == (
        EvidenceStepStatus.DONE,
        EvidenceStepStatus.DONE,
        EvidenceStepStatus.FAILED,
    )


def test_no_evidence_for_run_without_begin_entry() -> None:
    with pytest.raises(NotFound, match="has no start"):
        build_evidence(RUN, failover()[1:])


@pytest.mark.parametrize(
    ("moves_users", "moved_back", "outcome", "status"),
    [
        (False, False, "succeeded", MeasurementStatus.NOT_MEASURED),
        (True, False, "running", MeasurementStatus.NOT_MEASURED),
        (True, True, "succeeded", MeasurementStatus.NOT_MEASURED),
        (True, True, "failed", MeasurementStatus.NEVER_REACHED),
        (True, False, "failed", MeasurementStatus.NEVER_REACHED),
    ],
    ids=["drill", "still running", "drill that moved users back", "rolled back", "failed before the move"],
)
def test_users_not_moved_is_missed_only_if_run_should_have_moved_them(
    moves_users: bool, moved_back: bool, outcome: str, status: MeasurementStatus
) -> None:
    runbook = RunbookSummary.model_validate(failover()[0].facts["runbook"])
    service = ServiceRecord(served_at=None, moves_users=moves_users, moved_back=moved_back, outcome=outcome)
    rto = measure_rto(runbook, service, began_at=START, by_incident=True)
    assert (rto.status, rto.measured_seconds, rto.met) == (status, None, False)
    assert rto.missed == (status is MeasurementStatus.NEVER_REACHED)


def test_step_passed_over_does_not_pass() -> None:
    links = failover()
    book = JournalBuilder(links=[link for link in links if link.step != "look"][:-1])
    book.write(JournalEvent.STEP_FAILED, "NotServing: 503", "look", error="NotServing")
    book.write(JournalEvent.RUN_ENDED, "succeeded", outcome="succeeded")
    made = build_evidence(RUN, book.links)
    assert (made.outcome, made.passed, made.rto.missed, made.rpo.missed) == ("succeeded", False, False, False)
    assert [step.id for step in made.unmet_steps] == ["look"]
