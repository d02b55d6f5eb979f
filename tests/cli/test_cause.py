"""A run's account of its end, as `control.outcome` writes it, taken apart for the screen."""

from __future__ import annotations

from leeward.cli.screens.cause import account, is_reason
from leeward.control import outcome
from leeward.control.failure import Failure
from leeward.control.journal import Entry, Event
from tests.cli import samples

NAMES = [step.name for step in samples.STEP_NAMES]


def test_every_label_of_a_runs_account_is_understood() -> None:
    steps = samples.STEP_NAMES
    entries = [
        Entry(at=samples.STARTED, event=Event.LOCK_TAKEN, step=steps[0].id, detail="taken"),
        Entry(at=samples.STARTED, event=Event.STEP_DONE, step=steps[0].id, detail="done"),
        Entry(at=samples.STARTED, event=Event.STEP_DONE, step=steps[1].id, detail="", facts={"undone": True}),
        Entry(at=samples.STARTED, event=Event.STEP_FAILED, step=steps[2].id, detail="no", facts={"policy": "continue"}),
        Entry(at=samples.STARTED, event=Event.STEP_STARTED, step=steps[4].id, detail="begun"),
        Entry(at=samples.STARTED, event=Event.STEP_FAILED, step=steps[5].id, detail="also"),
        Entry(at=samples.STARTED, event=Event.STEP_FAILED, step=steps[7].id, detail="told"),
    ]
    failure = Failure(step=steps[7].id, error="RouteUnconfirmed", cause="none of the 5 cluster endpoints answered")
    text = outcome.cause(samples.RUN, steps, entries, failure, keep_lock=True)
    read = account(text, step_names=NAMES)
    assert read.why == ("RouteUnconfirmed: none of the 5 cluster endpoints answered",)
    assert read.of("Done") == ("Take the lock.",)
    assert read.of("Undone again") == ("Check that the failover can succeed.",)
    assert read.of("Passed over") == ("Ask for approval: no",)
    assert read.of("Begun, not finished") == ("Protect the recovered servers.",)
    assert read.of("Also failed") == ("Register with the load balancer: also",)
    assert "Tell the team" in read.of("Not done")[0]
    assert read.of("Users")[0].startswith("may or may not have been sent")
    assert read.of("Lock") == ("still held by this run, of website.",)
    assert "find out where the users are" in read.of("Now")[0]


def test_a_wave_that_failed_gives_each_server_a_line() -> None:
    why = account(samples.account_of(samples.REASONS), step_names=NAMES).why
    assert [line.split(":")[0] for line in why] == [
        "LaunchFailed",
        "s-11111111111111111 (website-home)",
        "catalogue-page",
        "s-22222222222222222 (website-catalogue)",
    ]
    assert why[0] == "LaunchFailed: home-page: 1 of 1 servers did not launch:"
    assert [is_reason(line) for line in why] == [False, True, False, True]


def test_a_step_name_with_colons_is_taken_off_whole() -> None:
    steps = [samples.STEP_NAMES[0].model_copy(update={"name": "Recover: part: two"})]
    failure = Failure(step=steps[0].id, error="NotFound", cause="group web: no server matches")
    text = outcome.cause(samples.RUN, steps, [], failure, keep_lock=False)
    assert account(text, step_names=["Recover", "Recover: part: two"]).why == (
        "NotFound: group web: no server matches",
    )


def test_any_other_text_is_the_reason_whole() -> None:
    assert account("The state machine timed out\nafter 7200 seconds").why == (
        "The state machine timed out",
        "after 7200 seconds",
    )
    assert account(None).why == ()
    assert account("").why == ()


def test_a_reason_over_several_lines_stays_with_its_label() -> None:
    assert account("Run a.b.c (x -> y) failed.\nFailed: Step: NotReady: one\ntwo\nUsers: were not moved.").why == (
        "Step: NotReady: one",
        "two",
    )
