"""What a target is handed, against the examples of EventBridge's user guide."""

from __future__ import annotations

import json
from typing import Any

import pytest

from leeward.twin.events.eventbridge.input_transformer import InvalidInputTransformer, make_target_input

EVENT: dict[str, Any] = {
    "version": "0",
    "id": "7bf73129-1428-4cd3-a780-95db273d1602",
    "detail-type": "EC2 Instance State-change Notification",
    "source": "aws.ec2",
    "account": "123456789012",
    "time": "2015-11-11T21:29:54Z",
    "region": "us-east-1",
    "resources": ["arn:aws:ec2:us-east-1:123456789012:instance/i-abcd1111"],
    "detail": {"instance-id": "i-0123456789", "state": "RUNNING", "more": {"n": 3, "quote": 'a "b" \\'}},
}


def transform(template: str, **paths: str) -> str:
    transformer = {"InputPathsMap": paths, "InputTemplate": template}
    return make_target_input({"InputTransformer": transformer}, EVENT, "arn:rule", "rule")


def test_target_without_input_receives_whole_event() -> None:
    assert json.loads(make_target_input({}, EVENT, "arn:rule", "rule")) == EVENT


def test_input_and_input_path_replace_event() -> None:
    assert make_target_input({"Input": '{"a": 1}'}, EVENT, "arn:rule", "rule") == '{"a": 1}'
    assert (
        json.loads(make_target_input({"InputPath": "$.detail.more"}, EVENT, "arn:rule", "rule"))
        == EVENT["detail"]["more"]
    )


def test_quoted_variables_are_text_and_unquoted_are_json() -> None:
    text = transform(
        '{"id": "<i>", "said": "instance <i> is <s>", "n": <n>, "all": <more>, "first": <arn>}',
        i="$.detail.instance-id", s="$.detail.state", n="$.detail.more.n", more="$.detail.more", arn="$.resources[0]",
    )  # fmt: skip
    assert json.loads(text) == {
        "id": "i-0123456789",
        "said": "instance i-0123456789 is RUNNING",
        "n": 3,
        "all": EVENT["detail"]["more"],
        "first": EVENT["resources"][0],
    }


def test_quotes_in_values_are_escaped() -> None:
    text = transform('{"said": "<q>", "then \\"<q>\\"": <n>}', q="$.detail.more.quote", n="$.detail.more.n")
    assert json.loads(text)["said"] == 'a "b" \\'


def test_missing_path_gives_empty_text_or_null() -> None:
    assert json.loads(transform('{"a": "<gone>", "b": <gone>}', gone="$.detail.gone")) == {"a": "", "b": None}


def test_reserved_variables_are_available() -> None:
    text = transform('{"rule": "<aws.events.rule-name>", "event": <aws.events.event.json>}')
    assert json.loads(text) == {"rule": "rule", "event": EVENT}


@pytest.mark.parametrize(
    ("template", "paths"),
    [
        ('{"a": "<b>"}', {}),
        ('{"a": <i> b}', {"i": "$.id"}),
        ('"<i>"', {"i": "$.detail[?(@.x)]"}),
        ('"<i>"', {"i": "id"}),
    ],
)
def test_invalid_transformer_is_rejected(template: str, paths: dict[str, str]) -> None:
    with pytest.raises(InvalidInputTransformer):
        transform(template, **paths)
