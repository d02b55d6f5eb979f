"""What machines and people are told of a run, and that telling them can't harm it."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import jsonschema_rs
import pytest

from leeward.common.aws.signal_clients import signal_client
from leeward.common.naming.telemetry_names import NAMESPACE, RUN_DIMENSIONS, DomainEventType, RunMetric
from leeward.control.approvals.caller_identity import SignedStatement
from leeward.control.approvals.questions import open_questions
from leeward.control.journal.run_journal import Journal, JournalEntry, JournalEvent, read_chain
from leeward.control.notifications import domain_events
from leeward.operations.aws_session import AwsSession
from leeward.operations.identity_proof import sign_statement
from leeward.twin.engine import FaultKind
from tests.control.test_operator_questions import start_question
from tests.lambdas.test_run_begin_and_end import begin, end, take_lock
from tests.support.nonempty import nonempty
from tests.support.paths import REPOSITORY
from tests.support.task_world import ENVIRONMENT, START, TARGET, TaskWorld, load_handler, recover_parameters

COMMITTED = REPOSITORY / "docs" / "schemas" / "leeward-event.schema.json"


@pytest.fixture
def bus(world: TaskWorld) -> list[dict[str, Any]]:
    """What lies on the bus: read at the wire, since nothing subscribes."""
    received: list[dict[str, Any]] = []
    made = signal_client("events", TARGET)

    def hear(params: dict[str, Any], **_: Any) -> None:
        body = json.loads(params["body"])
        received.extend(body["Entries"])

    made.meta.events.register("before-call.eventbridge.PutEvents", hear)
    yield received
    made.meta.events.unregister("before-call.eventbridge.PutEvents", hear)


def whole_run(world: TaskWorld) -> None:
    begin(world)
    take_lock(world)
    world.run_until_done("drs_recover", **recover_parameters())
    end(world)


def test_run_emits_begin_step_and_end_events(world: TaskWorld, bus: list[dict[str, Any]]) -> None:
    whole_run(world)
    assert [event["DetailType"] for event in bus] == [
        DomainEventType.RUN_BEGAN,
        DomainEventType.STEP_DONE,
        DomainEventType.STEP_DONE,
        DomainEventType.RUN_ENDED,
    ]
    assert {event["Source"] for event in bus} == {"leeward"}
    step, finish = json.loads(bus[2]["Detail"]), json.loads(bus[-1]["Detail"])
    assert (step["step"]["id"], step["step"]["kind"]) == ("step", "drs.recover")
    assert finish["outcome"] == "succeeded"


def test_failures_and_questions_emit_events(world: TaskWorld, bus: list[dict[str, Any]]) -> None:
    begin(world)
    world.step("record_failure", error={"Error": "LaunchFailed", "Cause": "no capacity"}, policy="ask")
    failure = {"step": "step", "error": "LaunchFailed", "cause": "no capacity"}
    world.call("ask", world.event(failure=failure, default="abort") | {"token": "t" * 700})
    failed, asked = (json.loads(event["Detail"]) for event in bus[1:])
    assert (failed["error"], failed["decision"]) == ("LaunchFailed", "ask")
    assert (asked["choices"], asked["default"]) == (["retry", "skip", "abort"], "abort")
    assert "tttt" not in json.dumps(bus)


def test_events_match_committed_schema(world: TaskWorld, bus: list[dict[str, Any]]) -> None:
    whole_run(world)
    schema = json.loads(COMMITTED.read_text())
    hashes = {link.seq: link.hash for link in read_chain(world.table, world.run["id"])}
    for event in nonempty(bus):
        detail = json.loads(event["Detail"])
        jsonschema_rs.validate(schema, detail)
        assert hashes[detail["journal"]["seq"]] == detail["journal"]["hash"]


def test_committed_event_schema_matches_model() -> None:
    assert COMMITTED.read_text() == domain_events.event_schema(), (
        "python -m leeward.control.notifications.domain_events > " + str(COMMITTED)
    )


# A process that dies is Step Functions' to retry, whatever it was calling; there is no bus to blame.
@pytest.mark.parametrize(
    "fault", [fault for fault in FaultKind if fault not in (FaultKind.KILLED_BEFORE_CALL, FaultKind.KILLED_AFTER_CALL)]
)
def test_failing_event_bus_does_not_fail_run(world: TaskWorld, fault: FaultKind) -> None:
    world.engine.interceptor.inject_fault("events:PutEvents", fault, times=None)
    whole_run(world)
    assert world.event_names()[-2:] == ["run.ended", "lock.released"]


def test_rejected_event_is_counted(world: TaskWorld, capsys: pytest.CaptureFixture[str]) -> None:
    world.engine.interceptor.inject_fault("events:PutEvents", FaultKind.ACCESS_DENIED, times=None)
    lines = metrics(world, capsys)
    assert [line for line in lines if RunMetric.SIGNAL_LOST in line]


def test_run_metrics_have_application_and_runbook_dimensions(
    world: TaskWorld, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = metrics(world, capsys)
    (done,) = [line for line in lines if RunMetric.STEP_DONE in line]
    assert (done["application"], done["runbook"]) == ("website", "failover")
    (directive,) = done["_aws"]["CloudWatchMetrics"]
    assert directive["Namespace"] == NAMESPACE
    assert sorted(directive["Dimensions"][0]) == sorted(RUN_DIMENSIONS)


def test_rto_metric_comes_from_journal(world: TaskWorld, capsys: pytest.CaptureFixture[str]) -> None:
    """RTO from the incident until the check after the shift."""
    steps = [{"id": "shift", "name": "Send the users", "kind": "arc.route"}]
    begin(world, {"incident_at": "2026-03-01T08:58:00Z"}, steps=steps)
    journal = Journal(world.table, world.run["id"], "by hand")
    for minutes, event, step in ((20, JournalEvent.STEP_STARTED, "shift"), (21, JournalEvent.STEP_DONE, "shift")):
        journal.write(JournalEntry(START + timedelta(minutes=minutes), event, "moved", step, 1))
    done = metrics_of_end(world, capsys)
    assert (done["RunSucceeded"], done["RtoSeconds"], done["RtoObjectiveSeconds"]) == ([1.0], [23 * 60.0], [1800.0])
    assert "RpoSeconds" not in done, "no preflight told it"


def test_run_without_traffic_shift_has_no_rto_metric(world: TaskWorld, capsys: pytest.CaptureFixture[str]) -> None:
    begin(world)
    assert "RtoSeconds" not in metrics_of_end(world, capsys)


def metrics_of_end(world: TaskWorld, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """What the end of the run counts."""
    parameters = {"outcome": "succeeded", "keep_lock": False}
    environment = ENVIRONMENT | {"POWERTOOLS_METRICS_DISABLED": "false"}
    function = world.engine.functions.register(
        TARGET, "leeward-run-end", load_handler("run_end"), environment=environment
    )
    world.engine.functions.invoke_in_new_task(function, json.dumps({"run": world.run, "parameters": parameters}))
    lines = [json.loads(text) for text in capsys.readouterr().out.splitlines() if "_aws" in text]
    return next(line for line in lines if RunMetric.SUCCEEDED in line)


def test_answer_event_has_person_and_waiting_time(
    world: TaskWorld, bus: list[dict[str, Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    begin(world)
    start_question(world, "approval_request", message="Leave us-east-1?", default="reject")
    world.advance(90)
    environment = ENVIRONMENT | {"POWERTOOLS_METRICS_DISABLED": "false"}
    function = world.engine.functions.register(
        TARGET, "leeward-answer", load_handler("answer"), environment=environment
    )
    (question,) = open_questions(world.table, world.run["id"])
    said = SignedStatement(world.run["id"], "approve", "I looked", question.key)
    output = {"run": said.run, "decision": said.decision, "reason": said.reason, "question": said.question}
    output["proof"] = sign_statement(AwsSession(endpoint_url="http://twin", twin_user="bob"), said, TARGET)
    made = world.engine.functions.invoke_in_new_task(function, json.dumps(output))
    assert not made.has_failed, made.payload
    (received,) = [json.loads(e["Detail"]) for e in bus if e["DetailType"] == DomainEventType.QUESTION_ANSWERED]
    jsonschema_rs.validate(json.loads(COMMITTED.read_text()), received)
    assert (received["decision"], received["by"]) == ("approve", "arn:aws:iam::111122223333:user/bob")
    lines = [json.loads(text) for text in capsys.readouterr().out.splitlines() if "_aws" in text]
    (counted,) = [line for line in lines if RunMetric.QUESTION_ANSWERED in line]
    assert counted["QuestionSeconds"][0] == 95  # five of them in asking


def metrics(world: TaskWorld, capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    environment = ENVIRONMENT | {"POWERTOOLS_METRICS_DISABLED": "false"}
    function = world.engine.functions.register(
        TARGET, "leeward-notify", load_handler("notify"), environment=environment
    )
    world.engine.functions.invoke_in_new_task(function, json.dumps(world.first_event(message="x", subject="y")))
    return [json.loads(text) for text in capsys.readouterr().out.splitlines() if "_aws" in text]


def test_sent_message_is_recorded_with_id(world: TaskWorld) -> None:
    world.step("notify", message="We are in us-west-2.", subject="website: moved")
    (sent,) = [entry for entry in world.journal if entry.event == "message.sent"]
    assert sent.facts["subject"] == "website: moved"
    assert sent.facts["message_id"]
