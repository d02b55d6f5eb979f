"""Messages, events, and metrics that can't be sent: recorded, sent later, and never a failure of the task."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from aws_lambda_powertools.metrics import EphemeralMetrics
from botocore.exceptions import NoCredentialsError
from botocore.parsers import ResponseParserError

from leeward.common.aws.signal_clients import signal_client
from leeward.common.naming.telemetry_names import RunMetric
from leeward.control.approvals.questions import open_questions
from leeward.control.journal.run_journal import JournalEntry
from leeward.twin.engine import FaultKind
from tests.lambdas.test_run_begin_and_end import begin, end
from tests.support.nonempty import nonempty
from tests.support.task_world import ENVIRONMENT, TARGET, TaskFailed, TaskWorld, load_handler, server_group

KILLS = (FaultKind.KILLED_BEFORE_CALL, FaultKind.KILLED_AFTER_CALL)
FAILURE = {"step": "step", "error": "LaunchFailed", "cause": "no capacity"}
# At most this long may a service that doesn't respond hold a task. In the twin, a connect timeout is 5 s.
LONGEST_HOLD_SECONDS = 12


def notify(world: TaskWorld, subject: str = "moved") -> dict[str, Any]:
    return dict(world.step("notify", message="We are in us-west-2.", subject=subject))


def fail_sns(world: TaskWorld, fault: FaultKind, times: int | None = None) -> None:
    world.engine.interceptor.inject_fault("sns:Publish", fault, times=times)


def named(world: TaskWorld, event: str) -> list[JournalEntry]:
    return [entry for entry in world.journal if entry.event == event]


def sent_subjects(world: TaskWorld) -> list[str]:
    return [subject for subject, _ in world.messages]


@pytest.fixture
def raise_in(world: TaskWorld) -> Iterator[Callable[[str, Exception], None]]:
    """Make every call of a signal client raise an error that no service sends."""
    undo: list[Callable[[], None]] = []

    def start(service: str, error: Exception) -> None:
        events = signal_client(service, TARGET, attempts=2 if service == "sns" else 1).meta.events

        def fail(**_: Any) -> None:
            raise error

        events.register("before-call", fail)
        undo.append(lambda: events.unregister("before-call", fail))

    yield start
    for each in undo:
        each()


@pytest.mark.parametrize(
    "fault",
    [FaultKind.SERVER_ERROR, FaultKind.THROTTLED, FaultKind.ACCESS_DENIED, FaultKind.CREDENTIALS_EXPIRED,
     FaultKind.CONNECTION_REFUSED, FaultKind.CONNECTION_TIMED_OUT, FaultKind.ANSWER_LOST],
)  # fmt: skip
def test_notify_step_is_done_with_unsent_message(world: TaskWorld, fault: FaultKind) -> None:
    fail_sns(world, fault)
    detail = notify(world)["detail"]
    (unsent,) = named(world, "message.unsent")
    assert (unsent.facts["purpose"], unsent.facts["subject"]) == ("notice", "moved")
    assert unsent.facts["body"] == f"We are in us-west-2.\n\nRun {world.run['id']}"
    assert "sns:Publish" in str(unsent.facts["error"])
    assert detail.startswith("not sent, recorded for a later try: We are in us-west-2.")
    assert not named(world, "message.sent")


@pytest.mark.parametrize("service", ["sns", "events"])
@pytest.mark.parametrize(
    "error", [NoCredentialsError(), ResponseParserError("not XML"), ValueError("Invalid endpoint"), OSError("disk")]
)
def test_unexpected_error_of_botocore_does_not_fail_task(
    world: TaskWorld, raise_in: Callable[[str, Exception], None], service: str, error: Exception
) -> None:
    raise_in(service, error)
    begin(world)
    notify(world)
    end(world)
    assert world.event_names()[-1] == "run.ended"
    assert len(named(world, "message.unsent")) == (1 if service == "sns" else 0)


def test_unsent_message_is_counted(world: TaskWorld, capsys: pytest.CaptureFixture[str]) -> None:
    fail_sns(world, FaultKind.ACCESS_DENIED)
    environment = ENVIRONMENT | {"POWERTOOLS_METRICS_DISABLED": "false"}
    function = world.engine.functions.register(
        TARGET, "leeward-notify", load_handler("notify"), environment=environment
    )
    world.engine.functions.invoke_in_new_task(function, json.dumps(world.first_event(message="x", subject="y")))
    lines = [json.loads(text) for text in capsys.readouterr().out.splitlines() if "_aws" in text]
    assert [line[RunMetric.SIGNAL_LOST] for line in lines if RunMetric.SIGNAL_LOST in line] == [[1.0]]


def test_single_failure_is_retried_at_once(world: TaskWorld) -> None:
    fail_sns(world, FaultKind.THROTTLED, times=1)
    notify(world)
    assert sent_subjects(world) == ["moved"]
    assert not named(world, "message.unsent")


def test_next_message_sends_unsent_ones_first_and_once(world: TaskWorld) -> None:
    fail_sns(world, FaultKind.ACCESS_DENIED, times=3)  # the second task also tries the first message again
    for subject in ("first", "second"):
        notify(world, subject)
    assert sent_subjects(world) == []
    for subject in ("third", "fourth"):
        notify(world, subject)
    assert sent_subjects(world) == ["first", "second", "third", "fourth"]
    unsent = {link.facts["subject"]: number for number, link in enumerate(world.journal, 1) if "error" in link.facts}
    late = {link.facts["subject"]: link.facts.get("unsent") for link in named(world, "message.sent")}
    assert late == unsent | {"third": None, "fourth": None}


def test_at_most_five_unsent_messages_are_sent_with_the_next(world: TaskWorld) -> None:
    fail_sns(world, FaultKind.ACCESS_DENIED, times=13)  # the first try, and two of each of the next six
    for number in range(7):
        notify(world, f"unsent {number}")
    assert sent_subjects(world) == []
    notify(world, "next")
    assert sent_subjects(world) == [*(f"unsent {number}" for number in range(5)), "next"]
    notify(world, "last")
    assert sent_subjects(world)[6:] == ["unsent 5", "unsent 6", "last"]


def test_first_failure_stops_sending_unsent_messages(world: TaskWorld) -> None:
    fail_sns(world, FaultKind.ACCESS_DENIED)
    for subject in ("first", "second"):
        notify(world, subject)
    before = world.count_calls("sns:Publish")
    notify(world, "third")
    assert world.count_calls("sns:Publish") - before == 2, "the oldest message, and the new one"


def test_end_of_successful_run_sends_unsent_messages(world: TaskWorld) -> None:
    begin(world)
    fail_sns(world, FaultKind.ACCESS_DENIED, times=1)
    notify(world)
    end(world)
    assert sent_subjects(world) == ["moved"]


def test_failed_run_ends_and_records_unsent_message(world: TaskWorld) -> None:
    begin(world)
    fail_sns(world, FaultKind.SERVER_ERROR)
    assert end(world, step="step", error="X", cause="y")["error"] == "X"
    (unsent,) = named(world, "message.unsent")
    assert (unsent.facts["purpose"], unsent.facts["subject"]) == ("end", "website failover: failed")


@pytest.mark.parametrize("fault", [FaultKind.SERVER_ERROR, FaultKind.CONNECTION_TIMED_OUT])
def test_question_without_message_stays_open(world: TaskWorld, fault: FaultKind) -> None:
    fail_sns(world, fault)
    world.call("ask", world.event(failure=FAILURE, default="abort") | {"token": "t" * 40})
    (question,) = open_questions(world.table, world.run["id"])
    assert (question.step, question.token) == ("step", "t" * 40)
    assert [entry.event for entry in world.journal] == ["question.asked", "message.unsent"]
    assert (world.journal[-1].step, world.journal[-1].attempt) == ("step", 1)


def test_black_hole_holds_task_only_briefly(world: TaskWorld) -> None:
    """With unsent messages too: a topic that doesn't respond is not tried again for the new message."""
    fail_sns(world, FaultKind.ACCESS_DENIED, times=3)
    notify(world, "first")
    notify(world, "second")
    fail_sns(world, FaultKind.CONNECTION_TIMED_OUT)
    before, calls = world.engine.clock.now(), world.count_calls("sns:Publish")
    notify(world, "third")
    assert 5 < (world.engine.clock.now() - before).total_seconds() < LONGEST_HOLD_SECONDS
    assert world.count_calls("sns:Publish") - calls == 2, "one message, and its retry"
    assert [entry.facts["subject"] for entry in named(world, "message.unsent")] == ["first", "second", "third"]


def test_slow_topic_gets_only_one_unsent_message_and_the_new_one(world: TaskWorld) -> None:
    fail_sns(world, FaultKind.ACCESS_DENIED, times=3)
    notify(world, "first")
    notify(world, "second")
    fail_sns(world, FaultKind.CONNECTION_TIMED_OUT, times=1)  # the first try of the first message
    notify(world, "third")
    assert sent_subjects(world) == ["first", "third"]
    notify(world, "fourth")
    assert sent_subjects(world) == ["first", "third", "second", "fourth"]


def test_clients_of_signals_give_up_within_ten_seconds() -> None:
    pause = 1  # botocore's longest pause before the first retry
    for service, attempts in (("sns", 2), ("events", 1)):
        config = signal_client(service, TARGET, attempts=attempts).meta.config
        assert config.retries["total_max_attempts"] == attempts
        assert attempts * max(config.connect_timeout, config.read_timeout) + (attempts - 1) * pause <= 10


def test_message_is_sent_even_if_it_cannot_be_journaled(world: TaskWorld) -> None:
    world.engine.interceptor.inject_fault("dynamodb:PutItem", FaultKind.ACCESS_DENIED, nth=2)  # after the step's start
    notify(world)
    assert sent_subjects(world) == ["moved"]
    assert world.event_names() == ["step.started", "step.done"]


def test_unsent_message_that_cannot_be_journaled_is_logged(world: TaskWorld, caplog: pytest.LogCaptureFixture) -> None:
    world.engine.interceptor.inject_fault("dynamodb:PutItem", FaultKind.ACCESS_DENIED, nth=2)
    fail_sns(world, FaultKind.ACCESS_DENIED)
    notify(world)
    assert world.event_names() == ["step.started", "step.done"]
    lines = [record.getMessage() for record in caplog.records if "could not be journaled" in record.getMessage()]
    assert "message.unsent" in nonempty(lines)[0]
    assert "moved" in lines[0]


def test_unreadable_journal_does_not_stop_message(world: TaskWorld) -> None:
    world.engine.interceptor.inject_fault("dynamodb:Query", FaultKind.ACCESS_DENIED, nth=2)  # the first finds the end
    notify(world)
    assert sent_subjects(world) == ["moved"]


@pytest.mark.parametrize("fault", [FaultKind.SERVER_ERROR, FaultKind.CONNECTION_TIMED_OUT, FaultKind.ACCESS_DENIED])
def test_preflight_warns_about_topic(world: TaskWorld, fault: FaultKind) -> None:
    world.engine.interceptor.inject_fault("sns:GetTopicAttributes", fault, times=None)
    before = world.engine.clock.now()
    detail = world.step("preflight", groups=[server_group()], rpo_seconds=300)["detail"]
    assert "2 servers ready" in detail
    assert "warning: the team's topic could not be checked, so messages may not arrive: sns:GetTopicAttr" in detail
    assert (world.engine.clock.now() - before).total_seconds() < LONGEST_HOLD_SECONDS


def test_preflight_warns_about_missing_topic(world: TaskWorld) -> None:
    topic = ENVIRONMENT["LEEWARD_TOPIC_ARN"]
    world.client("sns").delete_topic(TopicArn=topic)
    assert (
        "warning: the team's topic could not"
        in world.step("preflight", groups=[server_group()], rpo_seconds=300)["detail"]
    )


def test_preflight_still_fails_for_what_is_required(world: TaskWorld) -> None:
    world.engine.interceptor.inject_fault("sns:GetTopicAttributes", FaultKind.SERVER_ERROR, times=None)
    with pytest.raises(TaskFailed, match=r"NotFound|NotReady"):
        world.step("preflight", groups=[server_group(expect=73)], rpo_seconds=300)


def test_metric_that_cannot_be_put_does_not_fail_task(world: TaskWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: EphemeralMetrics, *given: Any, **named: Any) -> None:
        raise ValueError("no metrics")

    monkeypatch.setattr(EphemeralMetrics, "flush_metrics", refuse)
    begin(world)
    notify(world)
    assert world.event_names()[-1] == "step.done"
    assert end(world)["outcome"] == "succeeded"
