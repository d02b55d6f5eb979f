"""What the interpreter does again and again to the same end."""

from __future__ import annotations

import functools
from typing import Any

import jsonpath_ng
import jsonpath_ng.ext
from moto.stepfunctions.parser.asl.component.eval_component import EvalComponent
from moto.stepfunctions.parser.asl.parse.asl_parser import AmazonStateLanguageParser
from moto.stepfunctions.parser.asl.utils import boto_client

from twin.engine.repairs.replacing import replace, replace_everywhere


def definitions_parsed_once() -> None:
    """Raw moto parses a definition when it is created and again for each execution; a large one takes a second."""
    parse = AmazonStateLanguageParser.parse
    replace(AmazonStateLanguageParser, "parse", staticmethod(functools.lru_cache(maxsize=32)(parse)))


def paths_parsed_once() -> None:
    """Raw moto parses each JSONPath each time, and jsonpath_ng builds a parser for every parse."""
    for module in (jsonpath_ng, jsonpath_ng.ext):
        parse: Any = vars(module)["parse"]
        replace_everywhere(parse, functools.lru_cache(maxsize=4096)(parse))


def clients_made_once() -> None:
    """Raw moto makes a boto3 client for every task that calls a service."""
    make = boto_client.boto_client_for

    @functools.lru_cache(maxsize=256)
    def made(region: str, service: str) -> Any:
        return make(region=region, service=service)

    def client_for(region: str, service: str, state_credentials: Any = None) -> Any:
        del state_credentials
        return made(region, service)

    replace_everywhere(make, client_for)


def failures_not_printed() -> None:
    """Raw moto logs each failure on every level of the definition, with the whole definition in the message: on a
    machine of 60 states a caught error costs more than all else."""
    replace(EvalComponent, "_log_failure_event_exception", lambda *_, **__: None)
    replace(EvalComponent, "_log_exception", lambda *_, **__: None)
