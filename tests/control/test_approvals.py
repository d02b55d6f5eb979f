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
from tests.control.test_questions import ask, reply
from tests.lambdas.world import TARGET, Failed, World

ACCOUNT = "111122223333"
NOW = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
SAID = SignedStatement("website.failover.run-1", "approve", "I looked", "recover#1#approval")
ARN = "arn:aws:iam::111122223333:user/"


def person(name: str) -> CallerIdentity:
    return CallerIdentity(Arn=ARN + name, Account=ACCOUNT, UserId=f"AIDA{name.upper()}")


def session(role: str, name: str) -> CallerIdentity:
    return CallerIdentity(
        Arn=f"arn:aws:sts::{ACCOUNT}:assumed-role/{role}/{name}", Account=ACCOUNT, UserId=f"AROA{role}:{name}"
    )


def proof(statement: SignedStatement = SAID, who: str = "bob") -> str:
    return sign_statement(AwsSession(endpoint_url="http://twin", twin_user=who), statement, TARGET)


def recorded(world: World) -> list[str]:
    return [entry.detail for entry in world.journal if entry.event == "answer.refused"]


# The proof


def test_a_proof_names_who_signed_it(world: World) -> None:
    del world
    assert verify_proof(proof(), SAID, region=TARGET, account=ACCOUNT).arn == f"{ARN}bob"


@pytest.mark.parametrize(
    "other",
    [
        SignedStatement(SAID.run, "reject", SAID.reason, SAID.question),
        SignedStatement("website.failover.run-2", SAID.decision, SAID.reason, SAID.question),
        SignedStatement(SAID.run, SAID.decision, "another reason", SAID.question),
        SignedStatement(SAID.run, SAID.decision, SAID.reason, "recover#2#approval"),
    ],
)
def test_a_proof_of_one_statement_proves_no_other(world: World, other: SignedStatement) -> None:
    del world
    with pytest.raises(AccessDenied, match="refuses the proof"):
        verify_proof(proof(), other, region=TARGET, account=ACCOUNT)


def test_a_name_put_into_somebody_elses_proof_is_refused(world: World) -> None:
    del world
    with pytest.raises(AccessDenied, match="refuses the proof"):
        verify_proof(proof(who="bob").replace("bob%2F", "eve%2F"), SAID, region=TARGET, account=ACCOUNT)


def test_a_proof_grows_old(world: World) -> None:
    old = proof()
    world.later(14 * 60)
    assert verify_proof(old, SAID, region=TARGET, account=ACCOUNT).arn == f"{ARN}bob"
    world.later(60)
    with pytest.raises(AccessDenied, match="it has expired"):
        verify_proof(old, SAID, region=TARGET, account=ACCOUNT)


def test_an_answer_that_comes_with_an_old_proof_is_refused_and_recorded(world: World) -> None:
    asked(world, expires_seconds=3600)
    statement = SignedStatement(world.run["id"], "approve", "no reason given", "recover#1#approval")
    event = {"run": statement.run, "decision": "approve", "question": statement.question, "proof": proof(statement)}
    world.later(20 * 60)
    with pytest.raises(Failed, match="AccessDenied: STS refuses the proof"):
        world.call("answer", event)
    assert "did not prove who they are" in recorded(world)[0]


def test_a_stranger_to_the_account_is_refused(world: World) -> None:
    del world
    with pytest.raises(AccessDenied, match="of account 111122223333"):
        verify_proof(proof(), SAID, region=TARGET, account="999999999999")


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
def test_what_is_no_such_proof_is_never_asked_for(world: World, old: str, new: str) -> None:
    del world
    good = proof()
    assert old in good
    with pytest.raises(InvalidInput, match="no GetCallerIdentity request"):
        verify_proof(good.replace(old, new), SAID, region=TARGET, account=ACCOUNT)


# Two people


def question(**more: Any) -> Question:
    given: dict[str, Any] = {"two_person": True, "expires_at": NOW + timedelta(minutes=15)} | more
    return Question("r", "ask", 1, QuestionKind.APPROVAL, "t0ken", "Leave?", "reject", NOW, **given)


def ruled(
    by: CallerIdentity, starter: CallerIdentity | None = None, first: CallerIdentity | None = None, **more: Any
) -> bool:
    return rule_on_approval(
        question(**more), "approve", by, starter=starter, first_approver=first, now=NOW
    ).is_sufficient


def test_another_than_the_starter_may_approve() -> None:
    assert ruled(person("bob"), starter=person("ann"))


@pytest.mark.parametrize("same", [person("ann"), session("Admin", "ann")])
def test_the_starter_may_not(same: CallerIdentity) -> None:
    starter = person("ann") if same.session is None else session("Operator", "ann")
    with pytest.raises(Refused, match="started this run"):
        ruled(same, starter=starter)


def test_where_nobody_signed_the_start_two_must_approve() -> None:
    assert not ruled(person("ann"))
    assert ruled(person("bob"), first=person("ann"))
    with pytest.raises(Refused, match="approved already"):
        ruled(person("ann"), first=person("ann"))


def test_anyone_may_say_no_and_one_is_enough_without_two_person() -> None:
    assert rule_on_approval(
        question(), "reject", person("ann"), starter=person("ann"), first_approver=None, now=NOW
    ).is_sufficient
    assert ruled(person("ann"), starter=person("ann"), two_person=False)


def test_too_late_is_refused_with_what_was_decided() -> None:
    with pytest.raises(Refused, match=r"expired at 2026-03-01 09:00:00 UTC .*reject"):
        ruled(person("bob"), expires_at=NOW)


def test_sessions_of_one_name_are_one_person() -> None:
    assert is_same_person(session("Admin", "ann"), session("Operator", "ann"))
    assert not is_same_person(session("Admin", "ann"), session("Admin", "bob"))


# All of it, by the function


def asked(world: World, **parameters: Any) -> str:
    given = {"message": "Leave us-east-1?", "default": "reject", "expires_seconds": 900} | parameters
    return ask(world, "approval_request", **given)


def sign(world: World, who: str) -> Any:
    return reply(world, "started", who, question=None)


def test_the_starter_is_refused_and_a_second_person_approves(world: World) -> None:
    execution = asked(world, two_person=True)
    sign(world, "ann")
    with pytest.raises(Failed, match=r"Refused: .*user/ann started this run"):
        reply(world, "approve", "ann")
    assert "user/ann answered 'approve' and was refused" in recorded(world)[0]
    reply(world, "approve", "bob")
    assert world.engine.wait_for_execution(execution).output["by"] == f"{ARN}bob"


def test_a_start_that_nobody_signed_takes_two_approvals(world: World) -> None:
    execution = asked(world, two_person=True)
    assert "1 of 2" in reply(world, "approve", "ann")["detail"]
    with pytest.raises(Failed, match="approved already"):
        reply(world, "approve", "ann")
    reply(world, "approve", "bob")
    assert world.engine.wait_for_execution(execution).output["by"] == f"{ARN}bob"
    assert "approval.first" in world.events()


def test_only_the_first_signature_counts(world: World) -> None:
    asked(world, two_person=True)
    sign(world, "ann")
    with pytest.raises(Failed, match="signed before"):
        sign(world, "mallory")


def test_a_forged_name_has_no_place_to_stand(world: World) -> None:
    asked(world)
    event = {"run": world.run["id"], "decision": "approve", "question": "recover#1#approval", "proof": proof(who="eve")}
    with pytest.raises(Failed, match="by: Extra inputs"):
        world.call("answer", event | {"by": "ann"})
    with pytest.raises(Failed, match="AccessDenied: STS refuses"):
        world.call("answer", event)
    assert "did not prove who they are" in recorded(world)[0]


def test_the_same_answer_again_is_refused_and_recorded(world: World) -> None:
    execution = asked(world)
    statement = SignedStatement(world.run["id"], "approve", "no reason given", "recover#1#approval")
    event = {"run": statement.run, "decision": "approve", "question": statement.question, "proof": proof(statement)}
    world.call("answer", event)
    with pytest.raises(Failed, match="answered before: approve by"):
        world.call("answer", event)
    assert world.engine.wait_for_execution(execution).output["decision"] == "approve"
    assert len(recorded(world)) == 1


def test_an_expired_question_is_refused_and_recorded(world: World) -> None:
    asked(world, expires_seconds=60)
    world.later(61)
    with pytest.raises(Failed, match="expired at"):
        reply(world, "approve", "bob")
    assert "expired at" in recorded(world)[0]


def test_a_run_that_does_not_exist_is_refused_and_recorded_beside_the_journals(world: World) -> None:
    asked(world)
    with pytest.raises(Failed, match=r"NotFound: there is no run website\.failover\.forged"):
        reply(world, "approve", "eve", run="website.failover.forged")
    day = world.engine.clock.now().date().isoformat()
    (item,) = list(world.table.query(f"REFUSED#{day}"))
    assert "user/eve" in str(item["detail"])
    assert list(world.table.query("RUN#website.failover.forged")) == []


def test_a_run_that_has_ended_is_refused_and_recorded(world: World) -> None:
    from leeward.control.journal.run_journal import Journal, JournalEntry, JournalEvent

    asked(world)
    at = world.engine.clock.now()
    Journal(world.table, world.run["id"], "end").write(
        JournalEntry(at, JournalEvent.RUN_ENDED, "failed", facts={"keep_lock": False})
    )
    with pytest.raises(Failed, match=r"Refused: run .* has ended at 2026"):
        reply(world, "approve", "bob")
    assert "has ended" in recorded(world)[0]


def test_the_message_has_the_figures_and_no_token(world: World) -> None:
    asked(world, two_person=True)
    ((_, body),) = world.messages
    assert "Lag: no preflight has looked at it in this run." in body
    assert "a second person must" in body
    assert "leeward approve" in body
