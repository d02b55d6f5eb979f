"""What moto and botocore do for every single call, and nobody looks at: most of what a simulated call costs."""

from __future__ import annotations

import copy
import re
import sys
from io import BytesIO
from types import ModuleType, SimpleNamespace
from typing import Any

from botocore.useragent import UserAgentString
from moto.core import base_backend, request, responses, serialize

from leeward.twin.engine.host_process.attribute_patching import list_interpreter_modules, replace_attribute
from leeward.twin.engine.scheduling.current_scheduler import current_scheduler_or_none

# As long as AWS's own, and always the same: nobody looks a simulated request up.
_REQUEST_ID = "0" * 52


def skip_absent_members() -> None:
    """Raw moto asks a dict for every member that the model has: 200 for a source server, of which 30 are there."""

    def structure(self: Any, serialized: Any, value: Any, shape: Any, key: str) -> None:
        picker = self._value_picker
        if type(value) is not dict or picker.response_transformers:
            original(self, serialized, value, shape, key)
            return
        wrapper = self.MAP_TYPE() if key else serialized
        members = _members_by_name(picker, shape)
        there = {each[0]: each for possible in value for each in members.get(possible, ())}
        rest = isinstance(self, serialize.BaseRestSerializer)
        for place in sorted(there):
            _, name, member, names = there[place]
            if rest and ("body" in wrapper or member.is_not_bound_to_body):
                self._serialize_structure_member(wrapper, value, member, name)
                continue
            given = next(value[each] for each in names if each in value)
            if given is not None:
                self._serialize(wrapper, given, member, name)
        if key:
            self._default_serialize(serialized, wrapper, shape, key)

    original = replace_attribute(serialize.ResponseSerializer, "_serialize_type_structure", structure)


_Member = tuple[int, str, Any, tuple[str, ...]]
_known_members: dict[tuple[Any, ...], dict[str, list[_Member]]] = {}


def _members_by_name(picker: Any, shape: Any) -> dict[str, list[_Member]]:
    """By each name under which a dict may hold a member: its place in the shape, its name, itself, all those names."""
    key = (type(picker), tuple(picker.alias_providers), shape)
    if key not in _known_members:
        found = _known_members[key] = {}
        for place, (name, member) in enumerate(shape.members.items()):
            member.parent = shape  # as raw moto does each time
            context = serialize.AttributePickerContext(obj={}, key=name, shape=member)
            names = tuple(dict.fromkeys(picker.get_possible_keys(context)))
            for possible in names:
                found.setdefault(possible, []).append((place, name, member, names))
    return _known_members[key]


def cache_backends() -> None:
    """Raw moto looks, each time that a service's state is asked for, through all services whether this is one of those
    that it empties for the next run. Where one that is being emptied asks for another that was emptied before it, that
    one is made again, and only noted when it is next asked for: here it is emptied once more instead."""

    def found(self: Any, account_id: str) -> Any:
        known = self.get(account_id)
        return look(self, account_id) if known is None else known

    def emptied(cls: Any) -> None:
        every = list(cls._instances)
        empty(cls)
        for each in every:
            each.clear()

    look = replace_attribute(base_backend.BackendDict, "__getitem__", found)
    empty = base_backend.BackendDict.reset.__func__
    base_backend.BackendDict.reset = classmethod(emptied)


def use_constant_request_ids() -> None:
    """Raw moto draws 52 letters for the id of each request, one by one, from the stream that its resources' ids are
    drawn from: a call more or less would change the ids of all that is made after it."""

    def request_id(headerdict: Any = None) -> str:
        if isinstance(headerdict, dict):
            headerdict["x-amzn-requestid"] = _REQUEST_ID
        return _REQUEST_ID

    replace_attribute(responses, "gen_amzn_requestid_long", request_id)


def cache_user_agents() -> None:
    """botocore words anew for each call who sends it, from forty parts, and checks each letter of them; raw moto looks
    for the Region in it, which the host says too."""

    def worded(self: Any) -> Any:
        if current_scheduler_or_none() is None:
            return word(self)
        if not hasattr(self, "_twin_user_agent"):
            self._twin_user_agent = word(self)
        return self._twin_user_agent

    word = replace_attribute(UserAgentString, "to_string", worded)


def build_requests_directly() -> None:
    """Raw moto builds each request by werkzeug's builder for tests, which quotes and unquotes each of its parts. A URL
    without anything to quote needs none of that; every other goes that way still."""

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


# Nothing of it is quoted, and it has no query.
_PLAIN_URL = re.compile(r"https://([a-z0-9.-]+)(/[A-Za-z0-9/._-]*)")


def copy_json_values() -> None:
    """Raw moto copies a state's data with `copy.deepcopy`, several times for each state. It is JSON nearly always, for
    which a dozen lines are five times as fast."""
    quick = SimpleNamespace(**{name: getattr(copy, name) for name in ("copy", "deepcopy", "error", "Error")})
    quick.deepcopy = copy_value
    for _, module in list_interpreter_modules():
        if isinstance(getattr(module, "copy", None), ModuleType):
            replace_attribute(module, "copy", quick)


_SCALAR_TYPES = frozenset({str, int, float, bool, type(None)})


def copy_value(value: Any, memo: Any = None) -> Any:
    """`copy.deepcopy`, quick for JSON: what is in it twice is copied twice."""
    kind = type(value)
    if kind in _SCALAR_TYPES:
        return value
    if kind is dict:
        return {key: each if type(each) in _SCALAR_TYPES else copy_value(each, memo) for key, each in value.items()}
    if kind is list:
        return [each if type(each) in _SCALAR_TYPES else copy_value(each, memo) for each in value]
    return copy.deepcopy(value, memo)
