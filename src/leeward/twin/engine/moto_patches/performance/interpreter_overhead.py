"""Caches results that the interpreter computes repeatedly, and skips work whose result no caller uses."""

from __future__ import annotations

import functools
from typing import Any

import jsonpath_ng
import jsonpath_ng.ext
from antlr4.atn.PredictionMode import PredictionMode  # type: ignore[import-untyped]
from botocore.auth import SigV4Auth, SigV4QueryAuth
from botocore.useragent import UserAgentString
from moto.core import responses
from moto.stepfunctions.parser.asl.antlr.runtime.ASLParser import ASLParser
from moto.stepfunctions.parser.asl.component.eval_component import EvalComponent
from moto.stepfunctions.parser.asl.parse.asl_parser import AmazonStateLanguageParser

from leeward.twin.engine.moto_patches.performance import definition_cache
from leeward.twin.engine.scheduling.current_scheduler import current_scheduler_or_none
from leeward.twin.patching.attribute_replacement import replace_attribute
from leeward.twin.patching.interpreter_modules import replace_in_interpreter


def cache_definitions() -> None:
    """Parse each definition once.

    Unpatched moto parses it when it is created and again for each execution. A large definition takes seconds.
    """

    def whole(definition: str) -> Any:
        return parse(definition)[0]

    @functools.lru_cache(maxsize=32)
    def once(definition: str) -> tuple[Any, None]:
        return definition_cache.parse_with_cache(definition, whole), None  # no caller reads the parse tree

    parse = AmazonStateLanguageParser.parse
    replace_attribute(AmazonStateLanguageParser, "parse", staticmethod(once))


def use_fast_prediction() -> None:
    """Use ANTLR's faster prediction mode, which builds the same tree for every valid definition.

    Unpatched moto lets ANTLR use the full context wherever a rule is ambiguous.
    """

    def init(self: Any, *args: Any, **options: Any) -> None:
        original(self, *args, **options)
        self._interp.predictionMode = PredictionMode.SLL

    original = replace_attribute(ASLParser, "__init__", init)


def cache_json_paths() -> None:
    """Cache parsed JSONPaths. Unpatched moto parses them each time, and jsonpath_ng builds a parser for every parse."""
    for module in (jsonpath_ng, jsonpath_ng.ext):
        parse: Any = vars(module)["parse"]
        replace_in_interpreter(parse, functools.lru_cache(maxsize=4096)(parse))


def skip_failure_logs() -> None:
    """Skip the interpreter's failure logs.

    Unpatched moto logs each failure on every level of the definition, with the whole definition in the message. In a
    machine of 60 states, a caught error costs more than everything else.
    """
    replace_attribute(EvalComponent, "_log_failure_event_exception", lambda *_, **__: None)
    replace_attribute(EvalComponent, "_log_exception", lambda *_, **__: None)


def cache_operation_names() -> None:
    """Cache the method names of service classes. Unpatched moto lists them for every request."""
    cached_names = functools.lru_cache(maxsize=512)(responses.method_names_from_class)
    replace_attribute(responses, "method_names_from_class", cached_names)


def skip_signatures() -> None:
    """Skip signatures and user agents.

    moto does not verify signatures. It only reads the account and Region from the credentials. botocore still computes
    a signature for every request, and builds its user agent.
    """

    def is_verified(auth: Any) -> bool:
        # A signed URL proves who answers a run, and the twin's STS verifies it.
        return current_scheduler_or_none() is None or isinstance(auth, SigV4QueryAuth)

    def canonical_request(self: Any, request: Any) -> Any:
        return canonical(self, request) if is_verified(self) else ""

    def signature(self: Any, string_to_sign: str, request: Any) -> Any:
        return sign(self, string_to_sign, request) if is_verified(self) else "0" * 64

    def user_agent(self: Any, operation_name: str, request: Any, **options: Any) -> None:
        if current_scheduler_or_none() is None:
            build_user_agent(self, operation_name, request, **options)

    canonical = replace_attribute(SigV4Auth, "canonical_request", canonical_request)
    sign = replace_attribute(SigV4Auth, "signature", signature)
    build_user_agent = replace_attribute(UserAgentString, "rebuild_and_replace_user_agent_handler", user_agent)
