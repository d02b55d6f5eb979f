"""Who may answer: proven, never claimed; once, in time, and by a second person where the runbook says so."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from leeward.common.errors import AccessDenied, InvalidInput, Refused
from leeward.control.approvals.approval_policy import rule_on_approval
from leeward.control.approvals.caller_identity import CallerIdentity, SignedStatement, is_same_person, verify_proof
from leeward.control.approvals.questions import Question, QuestionKind
from leeward.operations.aws_session import AwsSession
from leeward.operations.identity_proof import sign_statement
from tests.control.test_operator_questions import answer, start_question
from tests.support.task_world import TARGET, TaskFailed, TaskWorld

ACCOUNT = "111122223333"
NOW = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
STATEMENT = SignedStatement("website.failover.run-1", "approve", "I looked", "recover#1#approval")
ARN = "arn:aws:iam::111122223333:user/"


def person(name: str) -> CallerIdentity:
    return CallerIdentity(Arn=ARN + name, Account=ACCOUNT, UserId=f"AIDA{name.upper()}")


def session(role: str, name: str) -> CallerIdentity:
    return CallerIdentity(
        Arn=f"arn:aws:sts::{ACCOUNT}:assumed-role/{role}/{name}", Account=ACCOUNT, UserId=f"AROA{role}:{name}"
    )


def proof(statement: SignedStatement = STATEMENT, who: str = "bob") -> str:
    return sign_statement(AwsSession(endpoint_url="http://twin", twin_user=who), statement, TARGET)


def refusals_recorded(world: TaskWorld) -> list[str]:
    return [entry.detail for entry in world.journal if entry.event == "answer.refused"]


# The proof


def test_proof_identifies_signer(world: TaskWorld) -> None:
    del world
    assert verify_proof(proof(), STATEMENT, region=TARGET, account=ACCOUNT).arn == f"{ARN}bob"


@pytest.mark.parametrize(
    "other",
    [
        SignedStatement(STATEMENT.run, "reject", STATEMENT.reason, STATEMENT.question),
        SignedStatement("website.failover.run-2", STATEMENT.decision, STATEMENT.reason, STATEMENT.question),
        SignedStatement(STATEMENT.run, STATEMENT.decision, "another reason", STATEMENT.question),
        SignedStatement(STATEMENT.run, STATEMENT.decision, STATEMENT.reason, "recover#2#approval"),
    ],
)
def test_proof_is_rejected_for_another_statement(world: TaskWorld, other: SignedStatement) -> None:
    del world
    with pytest.raises(AccessDenied, match="rejected the proof"):
        verify_proof(proof(), other, region=TARGET, account=ACCOUNT)


def test_proof_with_replaced_name_is_rejected(world: TaskWorld) -> None:
    del world
    with pytest.raises(AccessDenied, match="rejected the proof"):
        verify_proof(proof(who="bob").replace("bob%2F", "eve%2F"), STATEMENT, region=TARGET, account=ACCOUNT)


def test_proof_expires_after_15_minutes(world: TaskWorld) -> None:
    old = proof()
    world.advance(14 * 60)
    assert verify_proof(old, STATEMENT, region=TARGET, account=ACCOUNT).arn == f"{ARN}bob"
    world.advance(60)
    with pytest.raises(AccessDenied, match="It has expired"):
        verify_proof(old, STATEMENT, region=TARGET, account=ACCOUNT)


def test_answer_with_expired_proof_is_rejected_and_recorded(world: TaskWorld) -> None:
    ask_for_approval(world, expires_seconds=3600)
    statement = SignedStatement(world.run["id"], "approve", "no reason given", "recover#1#approval")
    event = {"run": statement.run, "decision": "approve", "question": statement.question, "proof": proof(statement)}
    world.advance(20 * 60)
    with pytest.raises(TaskFailed, match="AccessDenied: STS rejected the proof"):
        world.call("answer", event)
    assert "whose identity was not verified" in refusals_recorded(world)[0]


def test_signer_of_another_account_is_rejected(world: TaskWorld) -> None:
    del world
    with pytest.raises(AccessDenied, match="belongs to account 111122223333"):
        verify_proof(proof(), STATEMENT, region=TARGET, account="999999999999")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("https://sts.us-west-2.amazonaws.com/", "https://evil.example/"),
        ("https://sts.us-west-2.amazonaws.com/", "https://sts.us-west-2.amazonaws.com@evil.example/"),
        ("https://", "http://"),
        ("GetCallerIdentity", "GetSessionToken"),
        ("X-Amz-Expires=60", "X-Amz-Expires=604800"),
        ("host%3Bx-leeward-statement", "host"),
        ("Version=2011-06-15", "Version=2011-06-15&Version=2011-06-15"),
        ("Version=2011-06-15", "Version=2011-06-15&WebIdentityToken=x"),
        ("us-west-2.amazonaws", "us-east-1.amazonaws"),
    ],
)
def test_malformed_proof_is_rejected_without_calling_sts(world: TaskWorld, old: str, new: str) -> None:
    del world
    good = proof()
    assert old in good
    with pytest.raises(InvalidInput, match="not a GetCallerIdentity request"):
        verify_proof(good.replace(old, new), STATEMENT, region=TARGET, account=ACCOUNT)


# Two people


def question(**more: Any) -> Question:
    given: dict[str, Any] = {"two_person": True, "expires_at": NOW + timedelta(minutes=15)} | more
    return Question("r", "ask", 1, QuestionKind.APPROVAL, "t0ken", "Leave?", "reject", NOW, **given)


def is_approved(
    by: CallerIdentity, starter: CallerIdentity | None = None, first: CallerIdentity | None = None, **more: Any
) -> bool:
    return rule_on_approval(
        question(**more), "approve", by, starter=starter, first_approver=first, now=NOW
    ).is_sufficient


def test_second_person_may_approve() -> None:
    assert is_approved(person("bob"), starter=person("ann"))


@pytest.mark.parametrize("same", [person("ann"), session("Admin", "ann")])
def test_starter_may_not_approve_own_run(same: CallerIdentity) -> None:
    starter = person("ann") if same.session is None else session("Operator", "ann")
    with pytest.raises(Refused, match="started this run"):
        is_approved(same, starter=starter)


def test_unsigned_start_requires_two_approvals() -> None:
    assert not is_approved(person("ann"))
    assert is_approved(person("bob"), first=person("ann"))
    with pytest.raises(Refused, match="already approved"):
        is_approved(person("ann"), first=person("ann"))


def test_starter_may_reject_and_approve_without_two_person_rule() -> None:
    assert rule_on_approval(
        question(), "reject", person("ann"), starter=person("ann"), first_approver=None, now=NOW
    ).is_sufficient
    assert is_approved(person("ann"), starter=person("ann"), two_person=False)


def test_late_answer_is_rejected_with_decision() -> None:
    with pytest.raises(Refused, match=r"expired at 2026-03-01 09:00:00 UTC .*reject"):
        is_approved(person("bob"), expires_at=NOW)


def test_role_sessions_with_same_name_are_same_person() -> None:
    assert is_same_person(session("Admin", "ann"), session("Operator", "ann"))
    assert not is_same_person(session("Admin", "ann"), session("Admin", "bob"))


# All of it, by the function


def ask_for_approval(world: TaskWorld, **parameters: Any) -> str:
    given = {"message": "Leave us-east-1?", "default": "reject", "expires_seconds": 900} | parameters
    return start_question(world, "approval_request", **given)


def sign_start(world: TaskWorld, who: str) -> Any:
    return answer(world, "started", who, question=None)


def test_starter_is_rejected_then_second_person_approves(world: TaskWorld) -> None:
    execution = ask_for_approval(world, two_person=True)
    sign_start(world, "ann")
    with pytest.raises(TaskFailed, match=r"Refused: .*user/ann started this run"):
        answer(world, "approve", "ann")
    assert "user/ann answered 'approve' and was refused" in refusals_recorded(world)[0]
    answer(world, "approve", "bob")
    assert world.engine.wait_for_execution(execution).output["by"] == f"{ARN}bob"


def test_unsigned_run_is_approved_by_two_people(world: TaskWorld) -> None:
    execution = ask_for_approval(world, two_person=True)
    assert "1 of 2" in answer(world, "approve", "ann")["detail"]
    with pytest.raises(TaskFailed, match="already approved"):
        answer(world, "approve", "ann")
    answer(world, "approve", "bob")
    assert world.engine.wait_for_execution(execution).output["by"] == f"{ARN}bob"
    assert "approval.first" in world.event_names()


def test_second_start_signature_is_rejected(world: TaskWorld) -> None:
    ask_for_approval(world, two_person=True)
    sign_start(world, "ann")
    with pytest.raises(TaskFailed, match="already signed"):
        sign_start(world, "mallory")


def test_forged_approver_name_is_rejected(world: TaskWorld) -> None:
    ask_for_approval(world)
    event = {"run": world.run["id"], "decision": "approve", "question": "recover#1#approval", "proof": proof(who="eve")}
    with pytest.raises(TaskFailed, match="by: Extra inputs"):
        world.call("answer", event | {"by": "ann"})
    with pytest.raises(TaskFailed, match="AccessDenied: STS rejected"):
        world.call("answer", event)
    assert "whose identity was not verified" in refusals_recorded(world)[0]


def test_repeated_answer_is_rejected_and_recorded(world: TaskWorld) -> None:
    execution = ask_for_approval(world)
    statement = SignedStatement(world.run["id"], "approve", "no reason given", "recover#1#approval")
    event = {"run": statement.run, "decision": "approve", "question": statement.question, "proof": proof(statement)}
    world.call("answer", event)
    with pytest.raises(TaskFailed, match="already answered: approve by"):
        world.call("answer", event)
    assert world.engine.wait_for_execution(execution).output["decision"] == "approve"
    assert len(refusals_recorded(world)) == 1


def test_answer_to_expired_question_is_rejected_and_recorded(world: TaskWorld) -> None:
    ask_for_approval(world, expires_seconds=60)
    world.advance(61)
    with pytest.raises(TaskFailed, match="expired at"):
        answer(world, "approve", "bob")
    assert "expired at" in refusals_recorded(world)[0]


def test_answer_for_unknown_run_is_rejected_and_recorded(world: TaskWorld) -> None:
    ask_for_approval(world)
    with pytest.raises(TaskFailed, match=r"NotFound: there is no run website\.failover\.forged"):
        answer(world, "approve", "eve", run="website.failover.forged")
    day = world.engine.clock.now().date().isoformat()
    (item,) = list(world.table.query(f"REFUSED#{day}"))
    assert "user/eve" in str(item["detail"])
    assert list(world.table.query("RUN#website.failover.forged")) == []


def test_answer_for_ended_run_is_rejected_and_recorded(world: TaskWorld) -> None:
    from leeward.control.journal.run_journal import Journal, JournalEntry, JournalEvent

    ask_for_approval(world)
    at = world.engine.clock.now()
    Journal(world.table, world.run["id"], "end").write(
        JournalEntry(at, JournalEvent.RUN_ENDED, "failed", facts={"keep_lock": False})
    )
    with pytest.raises(TaskFailed, match=r"Refused: run .* ended at 2026"):
        answer(world, "approve", "bob")
    assert "ended at" in refusals_recorded(world)[0]


def test_approval_message_has_figures_and_no_token(world: TaskWorld) -> None:
    ask_for_approval(world, two_person=True)
    ((_, body),) = world.messages
    assert "Lag: not known; no preflight has run." in body
    assert "a second person must" in body
    assert "leeward approve" in body
