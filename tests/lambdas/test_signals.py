"""What machines and people are told of a run, and that telling them can't harm it."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from leeward.common.aws.clients import client
from leeward.common.naming.telemetry_names import NAMESPACE, RUN_DIMENSIONS, DomainEventType, RunMetric
from leeward.control.approvals.caller_identity import SignedStatement
from leeward.control.approvals.questions import open_questions
from leeward.control.journal.run_journal import Journal, JournalEntry, JournalEvent, read_chain
from leeward.control.notifications import domain_events
from leeward.operations.aws_session import AwsSession
from leeward.operations.identity_proof import sign_statement
from leeward.twin.engine import FaultKind
from tests.control.test_questions import ask
from tests.lambdas.test_run import begin, end, take_lock
from tests.lambdas.world import ENVIRONMENT, START, TARGET, World, handler, recover

COMMITTED = Path(__file__).parents[2] / "docs" / "schemas" / "leeward-event.schema.json"


@pytest.fixture
def bus(world: World) -> list[dict[str, Any]]:
    """What lies on the bus: read at the wire, since nothing subscribes."""
    heard: list[dict[str, Any]] = []
    made = client("events", TARGET, allow_retries=False)

    def hear(params: dict[str, Any], **_: Any) -> None:
        body = json.loads(params["body"])
        heard.extend(body["Entries"])

    made.meta.events.register("before-call.eventbridge.PutEvents", hear)
    yield heard
    made.meta.events.unregister("before-call.eventbridge.PutEvents", hear)


def whole_run(world: World) -> None:
    begin(world)
    take_lock(world)
    world.drive("drs_recover", **recover())
    end(world)


def test_the_bus_hears_the_beginning_the_steps_and_the_end(world: World, bus: list[dict[str, Any]]) -> None:
    whole_run(world)
    assert [event["DetailType"] for event in bus] == [
        DomainEventType.RUN_BEGAN,
        DomainEventType.STEP_DONE,
        DomainEventType.STEP_DONE,
        DomainEventType.RUN_ENDED,
    ]
    assert {event["Source"] for event in bus} == {"leeward"}
    step, finish = json.loads(bus[2]["Detail"]), json.loads(bus[-1]["Detail"])
    assert (step["step"]["id"], step["step"]["part"]) == ("step", "web")
    assert finish["outcome"] == "succeeded"


def test_the_bus_hears_failures_and_questions(world: World, bus: list[dict[str, Any]]) -> None:
    begin(world)
    world.step("record_failure", error={"Error": "LaunchFailed", "Cause": "no capacity"}, policy="ask")
    failure = {"step": "step", "error": "LaunchFailed", "cause": "no capacity"}
    world.call("ask", world.event(failure=failure, default="abort") | {"token": "t" * 700})
    failed, asked = (json.loads(event["Detail"]) for event in bus[1:])
    assert (failed["error"], failed["decision"]) == ("LaunchFailed", "ask")
    assert (asked["choices"], asked["default"]) == (["retry", "skip", "abort"], "abort")
    assert "tttt" not in json.dumps(bus)


def test_every_event_fits_the_committed_schema_and_names_its_entry(world: World, bus: list[dict[str, Any]]) -> None:
    whole_run(world)
    schema = json.loads(COMMITTED.read_text())
    hashes = {link.seq: link.hash for link in read_chain(world.table, world.run["id"])}
    for event in bus:
        detail = json.loads(event["Detail"])
        jsonschema_rs.validate(schema, detail)
        assert hashes[detail["journal"]["seq"]] == detail["journal"]["hash"]


def test_the_committed_schema_is_what_the_model_says() -> None:
    assert COMMITTED.read_text() == domain_events.event_schema(), (
        "python -m leeward.control.notifications.domain_events > " + str(COMMITTED)
    )


# A process that dies is Step Functions' to retry, whatever it was calling; there is no bus to blame.
@pytest.mark.parametrize(
    "fault", [fault for fault in FaultKind if fault not in (FaultKind.KILLED_BEFORE_CALL, FaultKind.KILLED_AFTER_CALL)]
)
def test_a_bus_that_fails_never_fails_the_run(world: World, fault: FaultKind) -> None:
    world.engine.interceptor.inject_fault("events:PutEvents", fault, times=None)
    whole_run(world)
    assert world.events()[-2:] == ["run.ended", "lock.released"]


def test_an_event_that_the_bus_refuses_is_counted(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world.engine.interceptor.inject_fault("events:PutEvents", FaultKind.ACCESS_DENIED, times=None)
    lines = metrics(world, capsys)
    assert [line for line in lines if RunMetric.SIGNAL_LOST in line]


def test_metrics_of_a_run_carry_application_and_runbook(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    lines = metrics(world, capsys)
    (done,) = [line for line in lines if RunMetric.STEP_DONE in line]
    assert (done["application"], done["runbook"]) == ("website", "failover")
    (directive,) = done["_aws"]["CloudWatchMetrics"]
    assert directive["Namespace"] == NAMESPACE
    assert sorted(directive["Dimensions"][0]) == sorted(RUN_DIMENSIONS)


def test_a_run_that_moved_the_users_is_measured_by_its_journal(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    """RTO from the incident until the check after the shift."""
    steps = [{"id": "shift", "name": "Send the users", "kind": "arc.route"}]
    begin(world, {"incident_at": "2026-03-01T08:58:00Z"}, steps=steps)
    journal = Journal(world.table, world.run["id"], "by hand")
    for minutes, event, step in ((20, JournalEvent.STEP_STARTED, "shift"), (21, JournalEvent.STEP_DONE, "shift")):
        journal.write(JournalEntry(START + timedelta(minutes=minutes), event, "moved", step, 1))
    done = ended_with(world, capsys)
    assert (done["RunSucceeded"], done["RtoSeconds"], done["RtoObjectiveSeconds"]) == ([1.0], [23 * 60.0], [1800.0])
    assert "RpoSeconds" not in done, "no preflight told it"


def test_a_run_that_moved_nobody_has_no_rto(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    begin(world)
    assert "RtoSeconds" not in ended_with(world, capsys)


def ended_with(world: World, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """What the end of the run counts."""
    parameters = {"outcome": "succeeded", "keep_lock": False}
    environment = ENVIRONMENT | {"POWERTOOLS_METRICS_DISABLED": "false"}
    function = world.engine.functions.register(TARGET, "leeward-run-end", handler("run_end"), environment=environment)
    world.engine.functions.invoke_in_new_task(function, json.dumps({"run": world.run, "parameters": parameters}))
    lines = [json.loads(text) for text in capsys.readouterr().out.splitlines() if "_aws" in text]
    return next(line for line in lines if RunMetric.SUCCEEDED in line)


def test_an_answer_is_heard_with_who_gave_it_and_how_long_it_took(
    world: World, bus: list[dict[str, Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    begin(world)
    ask(world, "approval_request", message="Leave us-east-1?", default="reject")
    world.later(90)
    environment = ENVIRONMENT | {"POWERTOOLS_METRICS_DISABLED": "false"}
    function = world.engine.functions.register(TARGET, "leeward-answer", handler("answer"), environment=environment)
    (question,) = open_questions(world.table, world.run["id"])
    said = SignedStatement(world.run["id"], "approve", "I looked", question.key)
    told = {"run": said.run, "decision": said.decision, "reason": said.reason, "question": said.question}
    told["proof"] = sign_statement(AwsSession(endpoint_url="http://twin", twin_user="bob"), said, TARGET)
    made = world.engine.functions.invoke_in_new_task(function, json.dumps(told))
    assert not made.has_failed, made.payload
    (heard,) = [json.loads(e["Detail"]) for e in bus if e["DetailType"] == DomainEventType.QUESTION_ANSWERED]
    jsonschema_rs.validate(json.loads(COMMITTED.read_text()), heard)
    assert (heard["decision"], heard["by"]) == ("approve", "arn:aws:iam::111122223333:user/bob")
    lines = [json.loads(text) for text in capsys.readouterr().out.splitlines() if "_aws" in text]
    (counted,) = [line for line in lines if RunMetric.QUESTION_ANSWERED in line]
    assert counted["QuestionSeconds"][0] == 95  # five of them in asking


def metrics(world: World, capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    environment = ENVIRONMENT | {"POWERTOOLS_METRICS_DISABLED": "false"}
    function = world.engine.functions.register(TARGET, "leeward-notify", handler("notify"), environment=environment)
    world.engine.functions.invoke_in_new_task(function, json.dumps(world.event(message="x", subject="y")))
    return [json.loads(text) for text in capsys.readouterr().out.splitlines() if "_aws" in text]


def test_a_message_is_written_down_with_its_id(world: World) -> None:
    world.step("notify", message="We are in us-west-2.", subject="website: moved")
    (sent,) = [entry for entry in world.journal if entry.event == "message.sent"]
    assert sent.facts["subject"] == "website: moved"
    assert sent.facts["message_id"]
