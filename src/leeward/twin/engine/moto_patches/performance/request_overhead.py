"""Skips work that moto and botocore do for every request and that no caller uses. It is most of the cost of a call."""

from __future__ import annotations

import copy
import re
import sys
from collections import deque
from io import BytesIO
from types import ModuleType, SimpleNamespace
from typing import Any

from botocore.useragent import UserAgentString
from moto.core import base_backend, request, responses, serialize
from moto.dynamodb import comparisons

from leeward.twin.engine.scheduling.current_scheduler import current_scheduler_or_none
from leeward.twin.patching.attribute_replacement import replace_attribute
from leeward.twin.patching.interpreter_modules import list_interpreter_modules

# As long as AWS's request IDs, and constant, because no caller looks up a simulated request.
_REQUEST_ID = "0" * 52


def skip_absent_members() -> None:
    """Serialize only the members that a dict holds.

    Unpatched moto looks up every member of the model: 200 for a source server, of which 30 are present.
    """

    def structure(self: Any, serialized: Any, value: Any, shape: Any, key: str) -> None:
        picker = self._value_picker
        if type(value) is not dict or picker.response_transformers:
            original(self, serialized, value, shape, key)
            return
        wrapper = self.MAP_TYPE() if key else serialized
        members = _members_by_name(picker, shape)
        present_members = {each[0]: each for possible in value for each in members.get(possible, ())}
        rest = isinstance(self, serialize.BaseRestSerializer)
        for position in sorted(present_members):
            _, name, member, names = present_members[position]
            if rest and ("body" in wrapper or member.is_not_bound_to_body):
                self._serialize_structure_member(wrapper, value, member, name)
                continue
            member_value = next(value[each] for each in names if each in value)
            if member_value is not None:
                self._serialize(wrapper, member_value, member, name)
        if key:
            self._default_serialize(serialized, wrapper, shape, key)

    original = replace_attribute(serialize.ResponseSerializer, "_serialize_type_structure", structure)


_Member = tuple[int, str, Any, tuple[str, ...]]
_known_members: dict[tuple[Any, ...], dict[str, list[_Member]]] = {}


def _members_by_name(picker: Any, shape: Any) -> dict[str, list[_Member]]:
    """Return the members of a shape by each name under which a dict may hold them.

    Each entry is the member's position in the shape, its name, the member itself, and all its possible names.
    """
    key = (type(picker), tuple(picker.alias_providers), shape)
    if key not in _known_members:
        members_by_name = _known_members[key] = {}
        for position, (name, member) in enumerate(shape.members.items()):
            member.parent = shape  # as unpatched moto does each time
            context = serialize.AttributePickerContext(obj={}, key=name, shape=member)
            names = tuple(dict.fromkeys(picker.get_possible_keys(context)))
            for possible in names:
                members_by_name.setdefault(possible, []).append((position, name, member, names))
    return _known_members[key]


def cache_backends() -> None:
    """Look up existing backends directly, and empty every backend a second time on a reset.

    For each access to a service's state, unpatched moto searches all services to decide whether a later reset must
    empty this one. A backend that is being emptied may access a backend that was emptied before. That one is created
    again, and unpatched moto registers it only at its next access. This patch empties it again instead.
    """

    def get_backend(self: Any, account_id: str) -> Any:
        known = self.get(account_id)
        return look(self, account_id) if known is None else known

    def reset_twice(cls: Any) -> None:
        instances = list(cls._instances)
        empty(cls)
        for each in instances:
            each.clear()

    look = replace_attribute(base_backend.BackendDict, "__getitem__", get_backend)
    empty = base_backend.BackendDict.reset.__func__
    replace_attribute(base_backend.BackendDict, "reset", classmethod(reset_twice))


def use_constant_request_ids() -> None:
    """Use a constant request ID.

    Unpatched moto draws 52 letters for each request from the stream of its resource IDs. One call more or less would
    change the IDs of all later resources.
    """

    def request_id(headerdict: Any = None) -> str:
        if isinstance(headerdict, dict):
            headerdict["x-amzn-requestid"] = _REQUEST_ID
        return _REQUEST_ID

    replace_attribute(responses, "gen_amzn_requestid_long", request_id)


def cache_user_agents() -> None:
    """Cache each client's user agent.

    botocore builds it for each call from forty parts and checks each character. Unpatched moto looks for the Region in
    it, which the host name also contains.
    """

    def cached_user_agent(self: Any) -> Any:
        if current_scheduler_or_none() is None:
            return build_user_agent(self)
        if not hasattr(self, "_twin_user_agent"):
            self._twin_user_agent = build_user_agent(self)
        return self._twin_user_agent

    build_user_agent = replace_attribute(UserAgentString, "to_string", cached_user_agent)


def build_requests_directly() -> None:
    """Build requests directly when the URL contains nothing to quote.

    Unpatched moto uses werkzeug's builder for tests, which quotes and unquotes each part. All other URLs still use it.
    """

    def from_primitives(cls: Any, method: str, url: str, headers: Any, body: Any = None) -> Any:
        plain = _PLAIN_URL.fullmatch(url)
        if plain is None or not isinstance(body, bytes | None):
            return build(cls, method, url, headers, body)
        host, path = plain.groups()
        environ: dict[str, Any] = {
            "REQUEST_METHOD": method, "SCRIPT_NAME": "", "PATH_INFO": path, "QUERY_STRING": "", "REQUEST_URI": path,
            "RAW_URI": path, "SERVER_NAME": host, "SERVER_PORT": "443", "HTTP_HOST": host,
            "SERVER_PROTOCOL": "HTTP/1.1",
            "wsgi.version": (1, 0), "wsgi.url_scheme": "https", "wsgi.input": BytesIO(body or b""),
            "wsgi.errors": sys.stderr, "wsgi.multithread": False, "wsgi.multiprocess": False, "wsgi.run_once": False,
            request.PRESERVED_HEADER_NAMES_ENVIRON_KEY: {},
        }  # fmt: skip
        for name, value in headers.items():
            if name.lower() != "transfer-encoding":
                environ[request.environ_key_for_header(name)] = value.decode() if isinstance(value, bytes) else value
        environ["CONTENT_LENGTH"] = str(len(body or b""))
        return cls(environ)

    build = request.Request.from_primitives.__func__
    replace_attribute(request.Request, "from_primitives", classmethod(from_primitives))


def cache_condition_tokens() -> None:
    """Split each text of a DynamoDB condition only once per process.

    Unpatched moto compiles six patterns for each token, each time that a condition is evaluated.
    """

    def split_condition(self: Any) -> Any:
        text = self.condition_expression
        if text not in _condition_tokens:
            _condition_tokens[text] = tuple(split(self))
        return deque(_condition_tokens[text])

    split = replace_attribute(comparisons.ConditionExpressionParser, "_lex_condition_expression", split_condition)


_condition_tokens: dict[str, tuple[Any, ...]] = {}

# A URL without a query and without characters to quote.
_PLAIN_URL = re.compile(r"https://([a-z0-9.-]+)(/[A-Za-z0-9/._-]*)")


def copy_json_values() -> None:
    """Copy a state's data with `copy_value`.

    Unpatched moto uses `copy.deepcopy`, several times for each state. The data is nearly always JSON, for which
    `copy_value` is five times as fast.
    """
    quick = SimpleNamespace(**{name: getattr(copy, name) for name in ("copy", "deepcopy", "error", "Error")})
    quick.deepcopy = copy_value
    for _, module in list_interpreter_modules():
        if isinstance(getattr(module, "copy", None), ModuleType):
            replace_attribute(module, "copy", quick)


_SCALAR_TYPES = frozenset({str, int, float, bool, type(None)})


def copy_value(value: Any, memo: Any = None) -> Any:
    """Copy a value like `copy.deepcopy`, but faster for JSON. A value that occurs twice is copied twice."""
    kind = type(value)
    if kind in _SCALAR_TYPES:
        return value
    if kind is dict:
        return {key: each if type(each) in _SCALAR_TYPES else copy_value(each, memo) for key, each in value.items()}
    if kind is list:
        return [each if type(each) in _SCALAR_TYPES else copy_value(each, memo) for each in value]
    return copy.deepcopy(value, memo)
