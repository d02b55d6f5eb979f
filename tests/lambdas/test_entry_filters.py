"""What tasks read from a journal: for each kind of entry, whether it counts. And the limits of their events."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError
from pydantic import ValidationError

from leeward.common.errors import LeewardError, Refused
from leeward.control.journal.run_journal import Journal, JournalEntry, JournalEvent
from leeward.control.locking.lock_records import LockHolder
from leeward.control.triggers.trigger_decision import StartClaim
from leeward.lambdas import readiness
from leeward.lambdas.answer import AnswerEvent
from leeward.lambdas.drs_launch_into import LaunchIntoParameters
from leeward.lambdas.dynamodb_await_replication import MarkerParameters
from leeward.lambdas.run_end import EndParameters
from leeward.lambdas.runtime.executions import step_functions
from leeward.lambdas.runtime.executions.execution_start import start_execution
from leeward.lambdas.runtime.invocation import task_context
from leeward.lambdas.runtime.journaling.protection_journal import launched_instances
from leeward.lambdas.shared.target_group_parameters import ChosenTargets, TargetGroupParameters, format_memo, parse_memo
from leeward.readiness.model.findings import ExpectedDuration, FindingStatus, ReadinessFinding, ReadinessReport
from tests.lambdas.test_run_begin_and_end import EXECUTION, begin, end
from tests.support.task_world import TaskWorld, recover_parameters, target_group_parameters

AT = datetime(2026, 3, 1, 9, tzinfo=UTC)
EVENTS = list(JournalEvent)


def write(world: TaskWorld, event: JournalEvent, run: str = "r", step: str | None = None, **facts: object) -> None:
    journal = Journal(world.table, run, f"request-{event}")
    journal.write(JournalEntry(AT, event, f"detail {event}", step, 1 if step else None, facts))


@pytest.mark.parametrize("event", EVENTS)
def test_launched_instances_are_those_that_lost_protection(world: TaskWorld, event: JournalEvent) -> None:
    for region in ("a", "b", "c"):
        write(world, event, region=region, machines={f"i-{region}": "s-1"})
    launched = launched_instances(Journal(world.table, "r", "request"), "b")
    assert launched == ({"i-b"} if event is JournalEvent.PROTECTION_LOST else set())


@pytest.mark.parametrize("event", EVENTS)
def test_question_lapses_unless_an_entry_closes_it(world: TaskWorld, event: JournalEvent) -> None:
    run = begin(world)["id"]
    write(world, JournalEvent.QUESTION_ASKED, run, "step", kind="failure", default="abort")
    write(world, event, run, "step", kind="failure", default="abort")
    if event in (JournalEvent.RUN_ENDED, JournalEvent.RUN_BEGAN):
        return
    end(world)
    lapsed = [entry for entry in world.journal if entry.event is JournalEvent.QUESTION_LAPSED]
    closed = event in (JournalEvent.QUESTION_ANSWERED, JournalEvent.QUESTION_LAPSED)
    assert [entry.detail for entry in lapsed] == (
        [f"detail {event}"] * (event is JournalEvent.QUESTION_LAPSED)
        if closed
        else ["no one answered in time: the default, abort, applies"]
    )


@pytest.mark.parametrize(
    ("step", "kind", "lapses"),
    [("step", "failure", False), ("step", "approval", True), ("a", "failure", True), ("z", "failure", True)],
)
def test_answer_closes_only_its_own_question(world: TaskWorld, step: str, kind: str, lapses: bool) -> None:
    run = begin(world)["id"]
    write(world, JournalEvent.QUESTION_ASKED, run, "step", kind="failure", default="abort")
    write(world, JournalEvent.QUESTION_ANSWERED, run, step, kind=kind)
    end(world)
    assert ("question.lapsed" in world.event_names()) is lapses


class StubStates:
    def __init__(self, status: str) -> None:
        self.status, self.asked = status, list[str]()

    def describe_execution(self, executionArn: str) -> dict[str, str]:  # noqa: N803 - AWS's name
        self.asked.append(executionArn)
        return {"status": self.status}


STATUSES = ["RUNNING", "SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED", "PENDING_REDRIVE"]


@pytest.mark.parametrize("status", STATUSES)
def test_run_is_active_while_its_execution_runs(world: TaskWorld, monkeypatch: pytest.MonkeyPatch, status: str) -> None:
    states = StubStates(status)
    monkeypatch.setattr(step_functions, "client", lambda *_args, **_more: states)
    holder = LockHolder("r", AT, execution=EXECUTION)
    active = step_functions.is_run_active("us-west-2", world.table, holder)
    assert active is (status in ("RUNNING", "PENDING_REDRIVE"))
    assert step_functions.is_run_active("us-west-2", world.table, LockHolder("r", AT)) is False
    assert states.asked == [EXECUTION]


@pytest.mark.parametrize(("region", "retries"), [("us-west-2", True), ("us-east-1", False), ("us-west-3", False)])
def test_only_calls_within_the_region_are_retried(
    world: TaskWorld, monkeypatch: pytest.MonkeyPatch, region: str, retries: bool
) -> None:
    made: list[tuple[str, str, bool]] = []

    def client(service: str, region: str, *, allow_retries: bool) -> StubStates:
        made.append((service, region, allow_retries))
        return StubStates("RUNNING")

    monkeypatch.setattr(step_functions, "client", client)
    assert step_functions.is_run_active(region, world.table, LockHolder("r", AT, execution=EXECUTION))
    assert made == [("stepfunctions", "us-west-2", retries)]


@pytest.mark.parametrize(
    ("name", "service", "retries"),
    [
        ("drs", "drs", True),
        ("drs_no_retry", "drs", False),
        ("ec2", "ec2", True),
        ("elbv2", "elbv2", True),
        ("dynamodb", "dynamodb", True),
        ("dynamodb_no_retry", "dynamodb", False),
    ],
)
def test_clients_of_region_retry_unless_named_otherwise(
    monkeypatch: pytest.MonkeyPatch, name: str, service: str, retries: bool
) -> None:
    def client(service: str, region: str, *, allow_retries: bool = True) -> tuple[str, str, bool]:
        return service, region, allow_retries

    monkeypatch.setattr(task_context, "client", client)
    assert getattr(task_context.RegionClients("b"), name) == (service, "b", retries)


@pytest.mark.parametrize(
    ("error", "raised"), [("ExecutionAlreadyExists", False), ("ExecutionLimitExceeded", True), ("A", True)]
)
def test_existing_execution_counts_as_started(error: str, raised: bool) -> None:
    def start(**_: object) -> None:
        raise ClientError({"Error": {"Code": error, "Message": "x"}}, "StartExecution")

    states: Any = SimpleNamespace(start_execution=start)
    claim = StartClaim("failover", "alarm-1", "{}", AT)
    if raised:
        with pytest.raises(LeewardError):
            start_execution(states, "arn", claim)
    else:
        start_execution(states, "arn", claim)


@pytest.mark.parametrize(("length", "sent"), [(255, 255), (256, 256), (257, 256)])
def test_name_of_error_is_shortened_for_step_functions(length: int, sent: int) -> None:
    given: list[dict[str, str]] = []
    states: Any = SimpleNamespace(send_task_failure=lambda **failure: given.append(failure))
    step_functions.fail_task(states, "token", "x" * length, "cause")
    assert given == [{"taskToken": "token", "error": "x" * sent, "cause": "cause"}]


@pytest.mark.parametrize(
    ("code", "ignored"), [("TaskTimedOut", True), ("TaskDoesNotExist", True), ("InvalidToken", False)]
)
def test_repeated_callback_is_ignored(code: str, ignored: bool) -> None:
    def refuse(**_: object) -> None:
        raise ClientError({"Error": {"Code": code, "Message": "x"}}, "SendTaskSuccess")

    states: Any = SimpleNamespace(send_task_success=refuse)
    if ignored:
        step_functions.complete_task(states, "token", {})
    else:
        with pytest.raises(Refused, match=code):
            step_functions.complete_task(states, "token", {})


@pytest.mark.parametrize("event", EVENTS)
def test_journal_tells_the_execution_and_the_end_of_a_run(
    world: TaskWorld, monkeypatch: pytest.MonkeyPatch, event: JournalEvent
) -> None:
    states = StubStates("RUNNING")
    monkeypatch.setattr(step_functions, "client", lambda *_args, **_more: states)
    write(world, event, execution=EXECUTION.replace("run-1", "run-2"))
    active = step_functions.is_run_active("us-west-2", world.table, LockHolder("r", AT, execution=EXECUTION))
    assert active is (event is not JournalEvent.RUN_ENDED)
    expected = EXECUTION.replace("run-1", "run-2") if event is JournalEvent.RUN_BEGAN else EXECUTION
    assert states.asked == ([expected] if active else [])


# -- limits of events -------------------------------------------------------------------------------

ANSWER: dict[str, Any] = {"run": "r", "decision": "approve", "proof": "p", "question": "q", "reason": "x"}


@pytest.mark.parametrize(
    ("member", "shortest", "longest"),
    [("run", 1, 300), ("decision", 1, 20), ("reason", 0, 1000), ("question", 0, 300), ("proof", 1, 8000)],
)
def test_texts_of_an_answer_have_limits(member: str, shortest: int, longest: int) -> None:
    for length in (shortest, longest):
        assert len(getattr(AnswerEvent(**ANSWER | {member: "x" * length}), member)) == length
    for length in (longest + 1, shortest - 1):
        if length >= 0:
            with pytest.raises(ValidationError):
                AnswerEvent(**ANSWER | {member: "x" * length})


FAILURE = {"step": "s", "error": "E", "cause": "c"}


@pytest.mark.parametrize(
    ("outcome", "failure", "valid"),
    [("failed", FAILURE, True), ("succeeded", None, True), ("failed", None, False), ("succeeded", FAILURE, False)],
)
def test_only_a_failed_run_has_a_failure(outcome: str, failure: dict[str, str] | None, valid: bool) -> None:
    given = {"outcome": outcome, "keep_lock": False, "failure": failure}
    if valid:
        EndParameters.model_validate(given)
    else:
        with pytest.raises(ValidationError, match="a failed run has a failure, and only a failed run"):
            EndParameters.model_validate(given)


@pytest.mark.parametrize(("port", "valid"), [(0, False), (1, True), (65535, True), (65536, False)])
def test_port_of_target_group_has_limits(port: int, valid: bool) -> None:
    given = {"region": "us-west-2", **target_group_parameters()}
    given["targets"] = [given["targets"][0] | {"port": port}]
    if valid:
        TargetGroupParameters.model_validate(given)
    else:
        with pytest.raises(ValidationError):
            TargetGroupParameters.model_validate(given)


def test_target_groups_and_their_memo_belong_together() -> None:
    given = {"region": "us-west-2", **target_group_parameters()}
    with pytest.raises(ValidationError):
        TargetGroupParameters.model_validate(given | {"targets": []})
    parameters = TargetGroupParameters.model_validate(given)
    (arn,) = [target.target_group_arn for target in parameters.targets]
    chosen = {arn: ChosenTargets(ids=["i-1"])}
    assert parse_memo(format_memo(chosen), parameters) == chosen
    for other in ({}, {"a": chosen[arn]}, {"z": chosen[arn]}, chosen | {"z": chosen[arn]}):
        assert parse_memo(format_memo(other), parameters) is None
    assert parse_memo(None, parameters) is None


@pytest.mark.parametrize(("markers", "valid"), [(0, False), (1, True), (25, True), (26, False)])
def test_number_of_markers_has_limits(markers: int, valid: bool) -> None:
    given = {"table": {"name": "t", "partition": "id"}, "region": "b", "from_region": "a", "markers": markers}
    if valid:
        MarkerParameters.model_validate(given)
    else:
        with pytest.raises(ValidationError):
            MarkerParameters.model_validate(given)


@pytest.mark.parametrize(("into", "valid"), [({}, False), ({"web": {"web": "i-1"}}, True)])
def test_launch_into_instances_needs_a_group(into: dict[str, Any], valid: bool) -> None:
    given = recover_parameters("web") | {"into": into}
    if valid:
        assert LaunchIntoParameters.model_validate(given).into == into
    else:
        with pytest.raises(ValidationError):
            LaunchIntoParameters.model_validate(given)


def test_readiness_counts_findings_of_each_status(monkeypatch: pytest.MonkeyPatch) -> None:
    made: dict[str, dict[Any, float]] = {}
    monkeypatch.setattr(
        readiness.cloudwatch_metrics, "put_metric", lambda _region, name, values: made.update({name: values})
    )
    counts = {"ok": 4, "warning": 3, "failed": 2, "unknown": 1}
    findings = [
        ReadinessFinding(check="c", subject="s", status=FindingStatus(name), detail="d")
        for name, count in counts.items()
        for _ in range(count)
    ]
    report = ReadinessReport.from_findings(
        findings, application="website", runbook="failover", region="b", at=AT,
        expected=ExpectedDuration(seconds=None, objective_seconds=1, source="x"),
    )  # fmt: skip
    event: Any = SimpleNamespace(application="website", runbook="failover")
    context: Any = SimpleNamespace(region="b")
    readiness._put_metrics(event, report, context)
    dimensions = ("Application", "website"), ("Runbook", "failover")
    assert made["ReadinessFindings"] == {(*dimensions, ("Status", name)): count for name, count in counts.items()}
    assert (made["Ready"], made["ReadinessScore"]) == ({dimensions: 0.0}, {dimensions: 40.0})
