"""CloudFormation's intrinsic functions, as far as CDK writes them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from leeward.twin.templates.names import Unresolvable

VARIABLE = re.compile(r"\$\{(!?)([^}]+)\}")


@dataclass(frozen=True, slots=True)
class Scope:
    """What a value may speak of. Each raises Unresolvable for what is not there."""

    stack: str
    ref: Callable[[str], Any]
    attribute: Callable[[str, str], Any]
    imported: Callable[[str], Any]


def resolve(value: Any, scope: Scope) -> Any:
    """`value` with every intrinsic function replaced by what it gives."""
    if isinstance(value, list):
        return [resolve(each, scope) for each in value]
    if not isinstance(value, Mapping):
        return value
    if len(value) == 1:
        ((name, given),) = value.items()
        if name == "Ref":
            return scope.ref(str(given))
        if name.startswith("Fn::"):
            return _call(name, given, scope)
    return {key: resolve(each, scope) for key, each in value.items()}


def _call(name: str, given: Any, scope: Scope) -> Any:
    match name:
        case "Fn::GetAtt":
            logical, _, attribute = given.partition(".") if isinstance(given, str) else (given[0], ".", given[1])
            return scope.attribute(logical, str(resolve(attribute, scope)))
        case "Fn::Join":
            separator, parts = given
            return str(separator).join(str(part) for part in resolve(parts, scope))
        case "Fn::Sub":
            return _substituted(given, scope)
        case "Fn::Select":
            index, listed = given
            return resolve(listed, scope)[int(resolve(index, scope))]
        case "Fn::Split":
            separator, text = given
            return str(resolve(text, scope)).split(str(separator))
        case "Fn::ImportValue":
            return scope.imported(str(resolve(given, scope)))
        case _:
            raise Unresolvable(f"{scope.stack}: {name} is not known to the twin")


def _substituted(given: Any, scope: Scope) -> str:
    text, own = (given, {}) if isinstance(given, str) else (given[0], resolve(given[1], scope))

    def one(match: re.Match[str]) -> str:
        literal, name = match.groups()
        if literal:
            return f"${{{name}}}"
        if name in own:
            return str(own[name])
        logical, dot, attribute = name.partition(".")
        return str(scope.attribute(logical, attribute) if dot else scope.ref(name))

    return VARIABLE.sub(one, text)
