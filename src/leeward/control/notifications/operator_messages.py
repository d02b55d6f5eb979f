"""SNS messages to operators: short plain text that includes the next command, and never a task token.

Messages are published at least once. After a crash, a message can arrive twice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from leeward.common.aws.clients import translate_errors
from leeward.control.approvals.questions import Question, QuestionKind
from leeward.control.journal.hash_chain import ChainedEntry
from leeward.control.journal.redaction import redact
from leeward.control.run.run_reference import RunRef

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient

# SNS limits: the subject to 100 ASCII characters without line breaks, the message to 256 KiB.
_MAX_SUBJECT_LENGTH = 100
_MAX_BODY_LENGTH = 10_000


def publish_message(client: SNSClient, topic_arn: str, subject: str, body: str) -> str:
    """Publish one message to the run's topic, with secrets redacted. Return its SNS message id, or an empty string."""
    with translate_errors("sns:Publish"):
        response = client.publish(
            TopicArn=topic_arn, Subject=format_subject(redact(subject)), Message=redact(body)[:_MAX_BODY_LENGTH]
        )
    return response.get("MessageId", "")  # the message is sent, so a missing id must not fail the run


def check_topic(client: SNSClient, topic_arn: str) -> None:
    """Check that the topic exists, for the preflight. Raises a LeewardError; the run must not fail because of it."""
    with translate_errors("sns:GetTopicAttributes"):
        client.get_topic_attributes(TopicArn=topic_arn)


def format_subject(text: str) -> str:
    """Return `text` in the format that SNS requires for a subject."""
    plain = " ".join(text.encode("ascii", "replace").decode().split())
    return plain if len(plain) <= _MAX_SUBJECT_LENGTH else plain[: _MAX_SUBJECT_LENGTH - 3] + "..."


def question_message(run: RunRef, question: Question, step_name: str) -> tuple[str, str]:
    """Return the subject and body of the message that asks a question."""
    if question.kind is QuestionKind.APPROVAL:
        subject = f"{run.application} {run.runbook}: approval required"
    else:
        subject = f"{run.application} {run.runbook}: {step_name} failed, your decision is required"
    lines = [
        f"Run {run.id}: {run.origin} -> {run.target}.",
        f"{step_name}: {question.message}",
        f"Without an answer{_deadline_text(question)}: {question.default}. Answer with one of:",
        "",
        *answer_commands(run, question),
    ]
    return subject, "\n".join(lines)


def _deadline_text(question: Question) -> str:
    return f" by {question.expires_at:%Y-%m-%d %H:%M:%S} UTC" if question.expires_at else " in time"


def answer_commands(run: RunRef, question: Question) -> list[str]:
    """Return one command for each choice. `leeward` proves the caller's identity, so no command contains a name."""
    return [f'leeward {choice} {run.id} --reason "..."' for choice in question.choices]


def run_end_message(run: RunRef, outcome: str, cause: str, end: ChainedEntry) -> tuple[str, str]:
    """Return the subject and body of the message about a run's end. `end` is the journal entry of the end.

    The message contains the entry's hash. A journal that is truncated or rewritten later no longer ends with this hash.
    """
    lines = [cause, "", f"leeward show {run.id}", f"leeward report {run.id}", ""]
    lines.append(f"The journal's entry {end.seq} has the hash {end.hash}.")
    return f"{run.application} {run.runbook}: {outcome}", "\n".join(lines)
