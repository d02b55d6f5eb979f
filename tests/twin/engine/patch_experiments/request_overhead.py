"""Experiments: what a call costs."""

from __future__ import annotations

import json
from typing import Any

from tests.twin.engine.machines import REGION, open_engine, within_engine


def _answered(result: Any) -> tuple[int, Any]:
    """How many members are asked for, and the body, when DRS's DescribeJobs answers `result`."""
    from moto.core.serialize import RestJSONSerializer, XFormedAttributePicker
    from moto.core.utils import get_service_model

    class Asking(RestJSONSerializer):  # type: ignore[misc]  # moto is untyped
        asked = 0

        def get_value(self, value: Any, key: str, shape: Any) -> Any:
            Asking.asked += 1
            return super().get_value(value, key, shape)

    operation = get_service_model("drs").operation_model("DescribeJobs")
    body = Asking(operation_model=operation, value_picker=XFormedAttributePicker()).serialize(result)["body"]
    return Asking.asked, json.loads(body)


@within_engine
def skip_absent_members() -> Any:
    job = {"jobID": "drsjob-1", "type": "LAUNCH", "participatingServers": [{"sourceServerID": "s-1"}]}
    asked, body = _answered({"items": [job], "next_token": None})
    assert body == {"items": [job]}
    return asked


@within_engine
def cache_backends() -> Any:
    from moto.core.base_backend import BackendDict
    from moto.sns.models import sns_backends

    looked: list[str] = []
    create = BackendDict._create_account_specific_backend

    def noted(self: Any, account_id: str) -> None:
        looked.append(account_id)
        create(self, account_id)

    BackendDict._create_account_specific_backend = noted
    try:
        first = sns_backends["444455556666"]
        assert sns_backends["444455556666"] is first
    finally:
        BackendDict._create_account_specific_backend = create
    return len(looked)


@within_engine
def use_constant_request_ids() -> Any:
    from moto.core import responses

    return responses.gen_amzn_requestid_long() == responses.gen_amzn_requestid_long()


def cache_user_agents() -> Any:
    from botocore.useragent import UserAgentString

    agent = UserAgentString.from_environment()
    assert agent.to_string() is not agent.to_string()  # outside an engine it is worded as ever
    with open_engine():
        return agent.to_string() is agent.to_string()


@within_engine
def build_requests_directly() -> Any:
    from moto.core import request
    from werkzeug.test import EnvironBuilder

    built: list[str] = []
    get_environ = EnvironBuilder.get_environ

    def noted(self: Any) -> Any:
        built.append(self.path)
        return get_environ(self)

    EnvironBuilder.get_environ = noted  # type: ignore[method-assign]
    try:
        for url in ("https://drs.us-west-2.amazonaws.com/DescribeJobs", "https://a.amazonaws.com/tags/arn%3Aaws"):
            made = request.Request.from_primitives(
                "POST", url, {"Content-Type": "application/json", "X-A": b"b"}, b"{}"
            )
            assert (made.raw_url, made.data, made.headers["X-A"]) == (url, b"{}", "b")
            assert (made.content_type, made.headers["Content-Length"]) == ("application/json", "2")
    finally:
        EnvironBuilder.get_environ = get_environ  # type: ignore[method-assign]
    return len(built)


def write_json_directly() -> Any:
    from moto.core.serialize import ResponseSerializer

    walked: list[str] = []
    serialize = ResponseSerializer.serialize

    def noted(self: Any, result: Any) -> Any:
        walked.append(str(self.operation_model.name))
        return serialize(self, result)

    key = {"AttributeName": "pk", "AttributeType": "S"}
    with open_engine() as opened:
        table = opened.client("dynamodb", REGION)
        schema = [{"AttributeName": "pk", "KeyType": "HASH"}]
        table.create_table(TableName="t", KeySchema=schema, AttributeDefinitions=[key], BillingMode="PAY_PER_REQUEST")
        for name, value in (("plain", {"M": {"n": {"N": "1"}}}), ("odd", {"B": b"bytes"})):
            table.put_item(TableName="t", Item={"pk": {"S": name}, "value": value})
        ResponseSerializer.serialize = noted
        try:
            for name, value in (("plain", {"M": {"n": {"N": "1"}}}), ("odd", {"B": b"bytes"})):
                found = table.get_item(TableName="t", Key={"pk": {"S": name}})["Item"]
                assert found == {"pk": {"S": name}, "value": value}
        finally:
            ResponseSerializer.serialize = serialize
    return len(walked)


@within_engine
def copy_json_values() -> Any:
    from moto.stepfunctions.parser.asl.eval import states

    mutable = {"list": [{"a": 1}], "odd": {1, 2}}
    copied = states.copy.deepcopy(mutable)
    assert copied == mutable
    assert copied["list"][0] is not mutable["list"][0]
    assert copied["odd"] is not mutable["odd"]
    return states.copy.deepcopy is not __import__("copy").deepcopy


@within_engine
def cache_condition_tokens() -> Any:
    from moto.dynamodb.comparisons import ConditionExpressionParser

    split: list[str] = []
    split_one = ConditionExpressionParser._lex_one_node

    def noted(self: Any, text: str) -> Any:
        split.append(text)
        return split_one(self, text)

    ConditionExpressionParser._lex_one_node = noted
    try:
        for value in ("x", "y"):  # the values of an expression can differ each time
            parser = ConditionExpressionParser("#n = :v", {"#n": "name"}, {":v": {"S": value}})
            assert value in str(parser.parse())
    finally:
        ConditionExpressionParser._lex_one_node = split_one
    return len(split)
