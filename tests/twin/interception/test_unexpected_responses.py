"""Answers that are well formed and yet surprising."""

from __future__ import annotations

import copy
from typing import Any

import boto3
import pytest
from botocore.model import Shape

from leeward.twin.interception import FaultKind
from leeward.twin.interception.faults.unexpected_responses import UNKNOWN_ENUM_VALUE, change_response
from tests.support.nonempty import nonempty
from tests.twin.engine.machines import REGION, Asl, machine, open_engine, run_execution, task

ANSWER: dict[str, Any] = {
    "items": [
        {
            "jobID": "drsjob-1",
            "status": "STARTED",
            "type": "LAUNCH",
            "participatingServers": [{"sourceServerID": "s-1"}],
        },
        {"jobID": "drsjob-2", "status": "COMPLETED", "type": "LAUNCH", "participatingServers": []},
    ]
}


def _shape() -> Shape | None:
    client = boto3.client("drs", region_name=REGION, aws_access_key_id="a", aws_secret_access_key="b")
    return client.meta.service_model.operation_model("DescribeJobs").output_shape


def _malformed(fault: FaultKind, seed: str) -> dict[str, Any]:
    answer = copy.deepcopy(ANSWER)
    assert change_response(fault, answer, _shape(), seed)
    return answer


def test_empty_fault_returns_empty_list() -> None:
    assert _malformed(FaultKind.EMPTY_LIST, "any") == {"items": []}


def test_incomplete_list_lacks_any_one_item() -> None:
    answers = [_malformed(FaultKind.INCOMPLETE_LIST, seed)["items"] for seed in map(str, range(20))]
    assert all(answer in (ANSWER["items"][:1], ANSWER["items"][1:]) for answer in nonempty(answers))
    assert {answer[0]["jobID"] for answer in answers} == {"drsjob-1", "drsjob-2"}


def test_unknown_enum_value_replaces_known_value() -> None:
    for seed in map(str, range(20)):
        answer = _malformed(FaultKind.UNKNOWN_VALUE, seed)
        changed = [job for job, before in zip(answer["items"], ANSWER["items"], strict=True) if job != before]
        assert len(changed) == 1
        assert UNKNOWN_ENUM_VALUE in (changed[0]["status"], changed[0]["type"])


def test_missing_field_is_optional_in_model() -> None:
    seen = set()
    for seed in map(str, range(60)):
        answer = _malformed(FaultKind.MISSING_FIELD, seed)
        for job, before in zip(answer.get("items", []), ANSWER["items"], strict=False):
            seen |= set(before) - set(job)
        seen |= {"items"} - set(answer)
        assert all("jobID" in job for job in answer.get("items", []))  # required
    assert {"items", "status", "type", "participatingServers"} <= seen


def test_malformation_depends_on_seed() -> None:
    assert _malformed(FaultKind.MISSING_FIELD, "7") == _malformed(FaultKind.MISSING_FIELD, "7")


def test_response_without_matching_field_is_unchanged() -> None:
    answer: dict[str, Any] = {"items": []}
    assert not change_response(FaultKind.EMPTY_LIST, answer, _shape(), "7")
    assert not change_response(FaultKind.INCOMPLETE_LIST, answer, _shape(), "7")
    assert not change_response(FaultKind.UNKNOWN_VALUE, answer, _shape(), "7")
    assert answer == {"items": []}


def _asks_twice(event: Any, context: Any) -> Any:
    client = boto3.client("dynamodb", region_name=REGION, aws_access_key_id="a", aws_secret_access_key="b")
    return [client.list_tables().get("TableNames") for _ in range(2)]


def _machine() -> Asl:
    return machine("Ask", Ask=task("f", ResultSelector={"seen.$": "$.Payload"}))


def _list_tables(fault: FaultKind, received: list[str] | None = None) -> Any:
    with open_engine({"f": _asks_twice}) as opened:
        if received is not None:
            opened.interceptor.call_listeners.append(lambda target, _: received.append(target.operation))
        opened.client("dynamodb", REGION).create_table(
            TableName="t",
            KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        opened.interceptor.inject_fault("dynamodb:ListTables", fault)
        return run_execution(opened, _machine())


def test_only_matched_call_is_malformed() -> None:
    assert _list_tables(FaultKind.EMPTY_LIST).output == {"seen": [[], ["t"]]}


@pytest.mark.parametrize(
    ("fault", "carried_out"),
    [
        (FaultKind.ANSWER_LOST, 3),
        (FaultKind.KILLED_AFTER_CALL, 1),
        (FaultKind.KILLED_BEFORE_CALL, 0),
        (FaultKind.CONNECTION_REFUSED, 2),
        (FaultKind.EMPTY_LIST, 2),
    ],
)
def test_executed_calls_are_reported_even_with_lost_response(fault: FaultKind, carried_out: int) -> None:
    """Two calls are asked for; a lost answer, like a refused connection, is asked for again."""
    received: list[str] = []
    _list_tables(fault, received)
    assert received == ["ListTables"] * carried_out


def test_killed_function_ends_with_runtime_error() -> None:
    for fault in (FaultKind.KILLED_BEFORE_CALL, FaultKind.KILLED_AFTER_CALL):
        assert _list_tables(fault).error == "Runtime.ExitError"
