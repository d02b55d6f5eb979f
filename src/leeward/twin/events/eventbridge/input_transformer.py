"""Builds the input of a rule's target: the event, a part of it, a constant, or the result of an input transformer.

Source: EventBridge user guide, "Amazon EventBridge input transformation", and the API reference of InputTransformer. A
variable inside quotes of a template is inserted as text, and one outside quotes as JSON. A path that finds nothing
becomes an empty string inside quotes and null outside quotes. The result must be JSON if the template is JSON.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from leeward.twin.errors import TwinError
from leeward.twin.events.eventbridge.event_documents import EventBridgeEvent

_PLACEHOLDER = re.compile(r"<([A-Za-z0-9_.-]+)>")
_PATH = re.compile(r"\$((?:\.[A-Za-z0-9_/-]+|\[\d+\])*)")
_PATH_PART = re.compile(r"\.([A-Za-z0-9_/-]+)|\[(\d+)\]")
_NOT_FOUND = object()


class InvalidInputTransformer(TwinError):
    """An input that AWS would refuse to build. The message names the variable or path."""


def make_target_input(target: Mapping[str, Any], event: EventBridgeEvent, rule_arn: str, rule_name: str) -> str:
    """Return the payload as text. Raises InvalidInputTransformer."""
    if "Input" in target:
        return str(target["Input"])
    if "InputPath" in target:
        return json.dumps(_value_at_path(event, str(target["InputPath"]), "InputPath"))
    if "InputTransformer" in target:
        return _apply_transformer(target["InputTransformer"], event, {"rule-arn": rule_arn, "rule-name": rule_name})
    return json.dumps(event)


def _apply_transformer(transformer: Mapping[str, Any], event: EventBridgeEvent, rule: Mapping[str, str]) -> str:
    values: dict[str, Any] = {
        name: _value_at_path(event, str(path), name) for name, path in transformer.get("InputPathsMap", {}).items()
    }
    values |= {
        "aws.events.rule-arn": rule["rule-arn"],
        "aws.events.rule-name": rule["rule-name"],
        "aws.events.event.ingestion-time": event["time"],
        "aws.events.event.json": event,
        "aws.events.event": {key: value for key, value in event.items() if key != "detail"},
    }
    template = str(transformer["InputTemplate"])
    parts, position, quoted = [], 0, False
    for match in _PLACEHOLDER.finditer(template):
        before = template[position : match.start()]
        quoted ^= _count_quotes(before) % 2 == 1
        parts += [before, _format_value(match[1], values, quoted)]
        position = match.end()
    text = "".join([*parts, template[position:]])
    if template.lstrip().startswith(("{", "[")):
        try:
            json.loads(text)
        except ValueError as error:
            raise InvalidInputTransformer(f"the input template does not produce JSON: {error}: {text[:200]}") from error
    return text


def _format_value(name: str, values: Mapping[str, Any], quoted: bool) -> str:
    if name not in values:
        raise InvalidInputTransformer(f"the input template names <{name}>, which is not in its InputPathsMap")
    value = values[name]
    if not quoted:
        return json.dumps(None if value is _NOT_FOUND else value)
    if value is _NOT_FOUND:
        return ""
    return json.dumps(value)[1:-1] if isinstance(value, str) else json.dumps(json.dumps(value))[1:-1]


def _count_quotes(text: str) -> int:
    """Return the number of JSON quotation marks in `text`, without those that a backslash escapes."""
    return len(re.findall(r'(?<!\\)(?:\\\\)*"', text))


def _value_at_path(event: EventBridgeEvent, path: str, name: str) -> Any:
    if not _PATH.fullmatch(path):
        raise InvalidInputTransformer(f"{name}: {path} is not a path that EventBridge supports")
    value: Any = event
    for key, index in _PATH_PART.findall(path):
        if key and isinstance(value, Mapping) and key in value:
            value = value[key]
        elif index and isinstance(value, list) and int(index) < len(value):
            value = value[int(index)]
        else:
            return _NOT_FOUND
    return value
