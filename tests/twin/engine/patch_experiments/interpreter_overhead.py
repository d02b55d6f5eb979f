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
