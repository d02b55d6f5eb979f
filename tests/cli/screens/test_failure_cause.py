"""A run's account of its end, as `control.outcome` writes it, taken apart for the screen."""

from __future__ import annotations

from leeward.cli.screens.rehearsal_failure.cause_parser import is_server_reason, parse_cause
from leeward.control.journal.run_journal import JournalEntry, JournalEvent
from leeward.control.outcome import run_summary
from leeward.control.outcome.step_failure import StepFailure
from tests.cli.screens import sample_rehearsals

NAMES = [step.name for step in sample_rehearsals.STEP_NAMES]


def test_parse_recognizes_every_label_of_run_summary() -> None:
    steps = sample_rehearsals.STEP_NAMES
    entries = [
        JournalEntry(at=sample_rehearsals.STARTED, event=JournalEvent.LOCK_TAKEN, step=steps[0].id, detail="taken"),
        JournalEntry(at=sample_rehearsals.STARTED, event=JournalEvent.STEP_DONE, step=steps[0].id, detail="done"),
        JournalEntry(
            at=sample_rehearsals.STARTED,
            event=JournalEvent.STEP_DONE,
            step=steps[1].id,
            detail="",
            facts={"undone": True},
        ),
        JournalEntry(
            at=sample_rehearsals.STARTED,
            event=JournalEvent.STEP_FAILED,
            step=steps[2].id,
            detail="no",
            facts={"policy": "continue"},
        ),
        JournalEntry(at=sample_rehearsals.STARTED, event=JournalEvent.STEP_STARTED, step=steps[4].id, detail="begun"),
        JournalEntry(at=sample_rehearsals.STARTED, event=JournalEvent.STEP_FAILED, step=steps[5].id, detail="also"),
        JournalEntry(at=sample_rehearsals.STARTED, event=JournalEvent.STEP_FAILED, step=steps[7].id, detail="told"),
    ]
    failure = StepFailure(step=steps[7].id, error="RouteUnconfirmed", cause="none of the 5 cluster endpoints answered")
    text = run_summary.summarize_run(sample_rehearsals.RUN, steps, entries, failure, keep_lock=True)
    read = parse_cause(text, step_names=NAMES)
    assert read.reasons == ("RouteUnconfirmed: none of the 5 cluster endpoints answered",)
    assert read.get_lines("Done") == ("Take the lock.",)
    assert read.get_lines("Undone again") == ("Check that the failover can succeed.",)
    assert read.get_lines("Passed over") == ("Ask for approval: no",)
    assert read.get_lines("Begun, not finished") == ("Protect the recovered servers.",)
    assert read.get_lines("Also failed") == ("Register with the load balancer: also",)
    assert "Tell the team" in read.get_lines("Not done")[0]
    assert read.get_lines("Users")[0].startswith("may or may not have been sent")
    assert read.get_lines("Lock") == ("still held by this run.",)
    assert "first find out where users are" in read.get_lines("Now")[0]


def test_failed_wave_yields_one_line_per_server() -> None:
    why = parse_cause(sample_rehearsals.summary_of(sample_rehearsals.REASONS), step_names=NAMES).reasons
    assert [line.split(":")[0] for line in why] == [
        "LaunchFailed",
        "s-11111111111111111 (website-home)",
        "catalogue-page",
        "s-22222222222222222 (website-catalogue)",
    ]
    assert why[0] == "LaunchFailed: home-page: 1 of 1 servers did not launch:"
    assert [is_server_reason(line) for line in why] == [False, True, False, True]


def test_step_name_with_colons_is_removed_from_reason() -> None:
    steps = [sample_rehearsals.STEP_NAMES[0].model_copy(update={"name": "Recover: part: two"})]
    failure = StepFailure(step=steps[0].id, error="NotFound", cause="group web: no server matches")
    text = run_summary.summarize_run(sample_rehearsals.RUN, steps, [], failure, keep_lock=False)
    assert parse_cause(text, step_names=["Recover", "Recover: part: two"]).reasons == (
        "NotFound: group web: no server matches",
    )


def test_unstructured_cause_is_kept_unchanged() -> None:
    assert parse_cause("The state machine timed out\nafter 7200 seconds").reasons == (
        "The state machine timed out",
        "after 7200 seconds",
    )
    assert parse_cause(None).reasons == ()
    assert parse_cause("").reasons == ()


def test_multiline_reason_stays_with_its_label() -> None:
    assert parse_cause(
        "Run a.b.c (x -> y) failed.\nFailed: Step: NotReady: one\ntwo\nUsers: were not moved."
    ).reasons == (
        "Step: NotReady: one",
        "two",
    )
