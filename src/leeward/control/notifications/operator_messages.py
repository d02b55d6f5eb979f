"""Messages to people, by SNS: short, plain, with the next command in them. Never a task token.

Publishing is at least once: after a crash a message can come twice, which is better than not at all.
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

# SNS: at most 100 characters of ASCII, without line breaks. The message: at most 256 KiB, far more than people read.
_MAX_SUBJECT_LENGTH = 100
_MAX_BODY_LENGTH = 10_000


def publish_message(client: SNSClient, topic_arn: str, subject: str, body: str) -> str:
    """Send one message to the run's topic, without secrets; the id that SNS gave it, empty where it names none."""
    with translate_errors("sns:Publish"):
        answer = client.publish(
            TopicArn=topic_arn, Subject=format_subject(redact(subject)), Message=redact(body)[:_MAX_BODY_LENGTH]
        )
    return answer.get("MessageId", "")  # sent it is, and the run is not to fail for want of a number


def check_topic(client: SNSClient, topic_arn: str) -> None:
    """For the preflight: the topic is there. Raises NotFound, AccessDenied."""
    with translate_errors("sns:GetTopicAttributes"):
        client.get_topic_attributes(TopicArn=topic_arn)


def format_subject(text: str) -> str:
    """`text` as SNS accepts a subject."""
    plain = " ".join(text.encode("ascii", "replace").decode().split())
    return plain if len(plain) <= _MAX_SUBJECT_LENGTH else plain[: _MAX_SUBJECT_LENGTH - 3] + "..."


def question_message(run: RunRef, question: Question, step_name: str) -> tuple[str, str]:
    """Subject and body of the message that asks for an answer."""
    if question.kind is QuestionKind.APPROVAL:
        subject = f"{run.application} {run.runbook}: approval wanted"
    else:
        subject = f"{run.application} {run.runbook}: {step_name} failed, what now?"
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
    """The commands that answer. They prove who answers: no name is asked for."""
    return [f'leeward {choice} {run.id} --reason "..."' for choice in question.choices]


def run_end_message(run: RunRef, outcome: str, cause: str, end: ChainedEntry) -> tuple[str, str]:
    """Subject and body of the message that tells of a run's end; `end` is its last word in the journal.

    The hash makes the message a witness: a journal that is cut or written anew later no longer ends with it.
    """
    told = [cause, "", f"leeward show {run.id}", f"leeward report {run.id}", ""]
    told.append(f"The journal's entry {end.seq} has the hash {end.hash}.")
    return f"{run.application} {run.runbook}: {outcome}", "\n".join(told)
