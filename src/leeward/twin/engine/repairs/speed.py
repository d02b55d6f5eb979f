"""What the interpreter does again and again to the same end."""

from __future__ import annotations

import functools
from typing import Any

import jsonpath_ng
import jsonpath_ng.ext
from antlr4.atn.PredictionMode import PredictionMode  # type: ignore[import-untyped]
from botocore.auth import SigV4Auth, SigV4QueryAuth
from botocore.useragent import UserAgentString
from moto.core import responses, serialize
from moto.core.utils import MISSING, get_value
from moto.stepfunctions.parser.asl.antlr.runtime.ASLParser import ASLParser
from moto.stepfunctions.parser.asl.component.eval_component import EvalComponent
from moto.stepfunctions.parser.asl.parse.asl_parser import AmazonStateLanguageParser
from moto.stepfunctions.parser.asl.utils import boto_client

from leeward.twin.engine.baton import current_or_none
from leeward.twin.engine.repairs import parsed
from leeward.twin.engine.repairs.replacing import replace, replace_everywhere


def definitions_parsed_once() -> None:
    """Raw moto parses a definition when it is created and again for each execution; a large one takes seconds."""

    def whole(definition: str) -> Any:
        return parse(definition)[0]

    @functools.lru_cache(maxsize=32)
    def once(definition: str) -> tuple[Any, None]:
        return parsed.program_of(definition, whole), None  # nobody looks at the tree

    parse = AmazonStateLanguageParser.parse
    replace(AmazonStateLanguageParser, "parse", staticmethod(once))


def quick_prediction() -> None:
    """Raw moto lets ANTLR look at the full context wherever a rule may be read in two ways. The quicker mode reads the
    same tree from every definition that has one."""

    def made(self: Any, *args: Any, **options: Any) -> None:
        original(self, *args, **options)
        self._interp.predictionMode = PredictionMode.SLL

    original = replace(ASLParser, "__init__", made)


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


def operations_listed_once() -> None:
    """Raw moto lists the methods of a service's class anew for every request."""
    listed = functools.lru_cache(maxsize=512)(responses.method_names_from_class)
    replace(responses, "method_names_from_class", listed)


def signatures_not_computed() -> None:
    """Raw moto looks at no signature, only at whose it is and for which Region; botocore computes one for every request
    all the same, and words anew who sends it."""

    def counts(auth: Any) -> bool:
        # A signed URL proves who answers a run, and the twin's STS verifies it.
        return current_or_none() is None or isinstance(auth, SigV4QueryAuth)

    def canonical_request(self: Any, request: Any) -> Any:
        return canonical(self, request) if counts(self) else ""

    def signature(self: Any, string_to_sign: str, request: Any) -> Any:
        return sign(self, string_to_sign, request) if counts(self) else "0" * 64

    def user_agent(self: Any, operation_name: str, request: Any, **options: Any) -> None:
        if current_or_none() is None:
            tell(self, operation_name, request, **options)

    canonical = replace(SigV4Auth, "canonical_request", canonical_request)
    sign = replace(SigV4Auth, "signature", signature)
    tell = replace(UserAgentString, "rebuild_and_replace_user_agent_handler", user_agent)


def attributes_found_at_once() -> None:
    """Raw moto works out, for each member of each answer, under which names an object might hold it: a dozen objects
    for each value of a list. The names depend on the kinds of the two alone, but where a class lists its own."""

    def call(self: Any, context: Any) -> Any:
        owner = context.obj
        if self.response_transformers or hasattr(owner, "Meta"):
            return original(self, context)
        for name in _possible_names(self, context):
            value = get_value(owner, name, MISSING)
            if value is not MISSING:
                return value
        return None

    original = replace(serialize.AttributePicker, "__call__", call)


_names: dict[tuple[Any, ...], tuple[str, ...]] = {}


def _possible_names(picker: Any, context: Any) -> tuple[str, ...]:
    key = (type(picker), tuple(picker.alias_providers), context.shape, context.key, type(context.obj))
    names = _names.get(key)
    if names is None:
        names = _names[key] = tuple(dict.fromkeys(picker.get_possible_keys(context)))
    return names
