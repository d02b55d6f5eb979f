"""Questions: the task token stays secret, and each question is answered once."""

from __future__ import annotations

import json
from typing import Any

import pytest

from leeward.control.approvals import questions
from leeward.control.approvals.caller_identity import SignedStatement
from leeward.control.approvals.questions import Question, QuestionKind, find_question, open_questions
from leeward.control.journal.run_journal import Journal, JournalEntry, JournalEvent
from leeward.control.notifications.operator_messages import format_subject
from leeward.control.outcome.step_failure import (
    CaughtError,
    error_message,
    failure_from_error,
)
from leeward.operations.aws_session import AwsSession
from leeward.operations.identity_proof import sign_statement
from leeward.twin.engine import FaultKind
from tests.support.nonempty import nonempty
from tests.support.task_world import TARGET, TOPIC, TaskFailed, TaskWorld

ADA = "arn:aws:iam::111122223333:user/ada"
FAILURE = {"step": "recover", "error": "LaunchFailed", "cause": "no capacity"}


def machine(task: str, **parameters: Any) -> dict[str, Any]:
    """A state machine that asks, as the compiler makes it, and ends with the decision."""
    step = {"id": "recover", "name": "Recover the servers", "kind": "drs.recover", "attempt": 1}
    payload = {"run.$": "$.run", "step": step, "token.$": "$$.Task.Token", "parameters": parameters}
    state = {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken",
        "Parameters": {"FunctionName": f"leeward-{task}", "Payload": payload},
        "TimeoutSeconds": 1800,
        "Retry": [{"ErrorEquals": ["AnswerLost"], "IntervalSeconds": 1, "MaxAttempts": 2, "BackoffRate": 1.0}],
        "End": True,
    }
    return {"StartAt": "Ask", "States": {"Ask": state}}


@pytest.fixture
def asking(world: TaskWorld) -> str:
    """An execution that waits for an answer to a failure."""
    return start_question(world, "ask", failure=FAILURE, default="abort")


def start_question(world: TaskWorld, task: str, **parameters: Any) -> str:
    import tests.support.task_world as module

    function = f"leeward-{task.replace('_', '-')}"
    world.engine.functions.register(TARGET, function, module.load_handler(task), environment=module.ENVIRONMENT)
    arn = world.engine.create_state_machine(TARGET, task, machine(task.replace("_", "-"), **parameters))
    execution = world.engine.start_execution(arn, name="run-1", execution_input={"run": world.run})
    world.advance(5)
    return execution


def answer(world: TaskWorld, decision: str, who: str = "ada", **more: Any) -> Any:
    """What a person's `leeward` sends: the decision, and the proof of who decides."""
    found = open_questions(world.table, world.run["id"])
    said = {"run": world.run["id"], "decision": decision, "reason": "no reason given"}
    said |= {"question": found[0].key if found else None} | more
    statement = SignedStatement(said["run"], decision, said["reason"], said["question"])
    proof = sign_statement(AwsSession(endpoint_url="http://twin", twin_user=who), statement, TARGET)
    return world.call("answer", said | {"proof": proof})


def test_answer_resumes_execution(world: TaskWorld, asking: str) -> None:
    answer(world, "retry", reason="capacity is back")
    ended = world.engine.wait_for_execution(asking)
    assert ended.output == {"decision": "retry", "by": ADA, "reason": "capacity is back"}
    assert world.event_names() == ["question.asked", "message.sent", "question.answered"]


def test_approval_question_resumes_execution(world: TaskWorld) -> None:
    execution = start_question(world, "approval_request", message="Leave us-east-1?", default="reject")
    with pytest.raises(TaskFailed, match=r"InvalidInput: 'retry' does not answer .*choose one of approve, reject"):
        answer(world, "retry")
    answer(world, "approve")
    assert world.engine.wait_for_execution(execution).output == {
        "decision": "approve",
        "by": ADA,
        "reason": "no reason given",
    }


def test_message_has_failure_and_answer_commands(world: TaskWorld, asking: str) -> None:
    ((subject, body),) = world.messages
    assert subject == "website failover: Recover the servers failed, your decision is required"
    assert "LaunchFailed: no capacity" in body
    assert "Without an answer in time: abort. Answer with one of:" in body
    commands = [line for line in body.splitlines() if line.startswith("leeward ")]
    assert commands == [f'leeward {choice} {world.run["id"]} --reason "..."' for choice in ("retry", "skip", "abort")]


def test_token_is_stored_only_in_table(
    world: TaskWorld, asking: str, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    question = find_question(world.table, world.run["id"], "recover#1#failure")
    assert question is not None
    assert question.token
    assert question.token not in repr(question)
    assert not any(question.token in text for message in nonempty(world.messages) for text in message)
    assert not any(question.token in repr(entry) for entry in nonempty(world.journal))
    assert question.token not in capsys.readouterr().out + caplog.text


def test_malformed_event_error_omits_token(world: TaskWorld) -> None:
    event = world.event(message="x") | {"token": "s3cret", "surplus": 1}
    with pytest.raises(TaskFailed) as failed:
        world.call("approval_request", event)
    assert failed.value.error == "InvalidInput"
    assert "s3cret" not in failed.value.cause
    assert "surplus" in failed.value.cause
    assert "parameters.default" in failed.value.cause


def test_second_answer_is_rejected_with_first_answer(world: TaskWorld, asking: str) -> None:
    answer(world, "skip")
    with pytest.raises(TaskFailed, match=r"Refused: .* has no open question: .* skip by arn:.*user/ada"):
        answer(world, "abort")
    with pytest.raises(TaskFailed, match=r"Refused: .*already answered: skip by arn:.*user/ada at 2026"):
        answer(world, "abort", question="recover#1#failure")
    assert world.engine.wait_for_execution(asking).output["decision"] == "skip"


def test_answer_after_timeout_is_rejected(world: TaskWorld, asking: str) -> None:
    world.engine.wait_for_execution(asking)
    with pytest.raises(TaskFailed, match=r"Refused: run .* no longer waits"):
        answer(world, "retry")


def store_crashed_question(world: TaskWorld, **more: Any) -> Question:
    """The question as an earlier call of the task, which crashed, has left it."""
    left = Question(
        run=world.run["id"],
        step="recover",
        attempt=1,
        kind=QuestionKind.FAILURE,
        token="of a call that crashed",
        message="LaunchFailed: no capacity",
        default="abort",
        asked_at=world.engine.clock.now(),
        **more,
    )
    at = world.engine.clock.now()
    Journal(world.table, world.run["id"], "begin").write(
        JournalEntry(at, JournalEvent.RUN_BEGAN, "begun", facts={"execution": "arn"})
    )
    return questions.ask_question(world.table, left)


def test_repeated_question_replaces_token(world: TaskWorld) -> None:
    store_crashed_question(world)
    execution = start_question(world, "ask", failure=FAILURE, default="abort")
    assert len(open_questions(world.table, world.run["id"])) == 1
    answer(world, "retry")
    assert world.engine.wait_for_execution(execution).output["decision"] == "retry"


def test_answer_to_crashed_call_resumes_next_call(world: TaskWorld) -> None:
    store_crashed_question(world)
    with pytest.raises(TaskFailed, match="Refused"):
        answer(world, "skip")  # its state is gone already, and the next call has not come yet
    execution = start_question(world, "ask", failure=FAILURE, default="abort")
    assert world.engine.wait_for_execution(execution).output["decision"] == "skip"


def test_question_with_lost_message_waits_for_its_answer(world: TaskWorld) -> None:
    world.engine.interceptor.inject_fault("sns:Publish", FaultKind.ANSWER_LOST, times=2)  # both tries of one call
    execution = start_question(world, "ask", failure=FAILURE, default="abort")
    world.advance(90)
    assert len(world.messages) == 2, "the lost answers' messages: at least once"
    assert [entry.event for entry in world.journal] == ["question.asked", "message.unsent"]
    answer(world, "retry")
    assert world.engine.wait_for_execution(execution).output["decision"] == "retry"


@pytest.mark.parametrize(
    ("error", "cause", "output"),
    [
        ("LaunchFailed", json.dumps({"errorMessage": "no capacity", "errorType": "LaunchFailed"}), "no capacity"),
        ("TimedOut", "Not done within 25m.", "Not done within 25m."),
        ("States.Timeout", "", "no response arrived within the step's time"),
        ("Lambda.Unknown", "", "Lambda.Unknown"),
        ("X", "[1]", "[1]"),
    ],
)
def test_failure_cause_is_readable(error: str, cause: str, output: str) -> None:
    assert error_message(error, cause) == output
    assert failure_from_error("s", CaughtError(Error=error, Cause=cause)).cause == output


def test_long_cause_is_truncated() -> None:
    assert len(failure_from_error("s", CaughtError(Error="X", Cause="y" * 100_000)).cause) == 8_000


def test_subject_is_valid_for_sns(world: TaskWorld) -> None:
    subject = format_subject("Wichtig: Größe\nund noch viel mehr " * 10)
    assert len(subject) <= 100
    world.client("sns").publish(TopicArn=TOPIC, Subject=subject, Message="x")


def test_open_questions_are_newest_first(world: TaskWorld) -> None:
    for step in ("earlier", "later"):
        world.advance(60)
        left = Question(world.run["id"], step, 1, QuestionKind.FAILURE, step, "why", "abort", world.engine.clock.now())
        questions.ask_question(world.table, left)
    assert [question.step for question in open_questions(world.table, world.run["id"])] == ["later", "earlier"]
