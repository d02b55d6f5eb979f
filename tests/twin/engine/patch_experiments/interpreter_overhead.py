"""Experiments: what is done once."""

from __future__ import annotations

import json
import logging
from typing import Any

from tests.twin.engine.machines import PASS, REGION, machine, open_engine, run_execution, within_engine


@within_engine
def cache_definitions() -> Any:
    from moto.stepfunctions.parser.asl.parse.asl_parser import AmazonStateLanguageParser

    text = json.dumps(machine("A", A=PASS))
    return AmazonStateLanguageParser.parse(text)[0] is AmazonStateLanguageParser.parse(text)[0]


@within_engine
def use_fast_prediction() -> Any:
    from antlr4 import CommonTokenStream, InputStream  # type: ignore[import-untyped]
    from antlr4.atn.PredictionMode import PredictionMode  # type: ignore[import-untyped]
    from moto.stepfunctions.parser.asl.antlr.runtime.ASLLexer import ASLLexer
    from moto.stepfunctions.parser.asl.antlr.runtime.ASLParser import ASLParser

    parser = ASLParser(CommonTokenStream(ASLLexer(InputStream("{}"))))
    return parser._interp.predictionMode is PredictionMode.SLL


@within_engine
def cache_json_paths() -> Any:
    from moto.stepfunctions.parser.asl.utils import json_path

    return json_path.parse("$.a.b") is json_path.parse("$.a.b")


def cache_task_clients() -> Any:
    from moto.stepfunctions.parser.asl.component.state.exec.state_task.service import state_task_service_sns as sns

    with open_engine():
        made = [sns.boto_client_for(region=REGION, service="sns", state_credentials=None) for _ in range(2)]
    return made[0] is made[1]


def skip_signatures() -> Any:
    from botocore.auth import SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials

    def signature() -> str:
        request = AWSRequest("GET", "https://drs.us-west-2.amazonaws.com/", {}, b"")
        SigV4Auth(Credentials("a", "b"), "drs", REGION).add_auth(request)
        return str(request.headers["Authorization"]).partition("Signature=")[2]

    computed = signature()
    with open_engine():
        inside = signature()
    assert int(computed, 16) > 0  # outside an engine a request is signed as ever
    return int(inside, 16) == 0


@within_engine
def cache_operation_names() -> Any:
    from moto.core import responses

    return responses.method_names_from_class(dict) is responses.method_names_from_class(dict)


@within_engine
def cache_attribute_names() -> Any:
    from moto.core.serialize import AttributePickerContext, XFormedAttributePicker
    from moto.core.utils import get_service_model

    shape = get_service_model("drs").operation_model("DescribeJobs").output_shape.members["items"]
    looked: list[str] = []

    class Picker(XFormedAttributePicker):  # type: ignore[misc]  # moto is untyped
        def get_possible_keys(self, context: Any) -> Any:
            looked.append(context.key)
            return super().get_possible_keys(context)

    found = [Picker()(AttributePickerContext(obj={"items": [n]}, key="items", shape=shape)) for n in range(3)]
    assert found == [[0], [1], [2]]
    return len(looked)


def skip_failure_logs() -> Any:
    lines: list[str] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(record.getMessage())

    logger, keep = logging.getLogger("moto.stepfunctions.parser.asl.component.eval_component"), Keep()
    logger.addHandler(keep)
    logger.setLevel(logging.ERROR)
    try:
        with open_engine() as opened:
            run_execution(opened, machine("A", A={"Type": "Fail", "Error": "E", "Cause": "C"}))
    finally:
        logger.removeHandler(keep)
        logger.setLevel(logging.NOTSET)
    return len(lines) > 0
