"""Resolves CloudFormation's intrinsic functions, as far as CDK uses them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from leeward.twin.templates.resource_names import UnresolvableValue

SUB_VARIABLE = re.compile(r"\$\{(!?)([^}]+)\}")


@dataclass(frozen=True, slots=True)
class IntrinsicScope:
    """The references that a value may contain. Each function raises UnresolvableValue for an unknown name."""

    stack: str
    ref: Callable[[str], Any]
    attribute: Callable[[str, str], Any]
    imported_value: Callable[[str], Any]


def resolve_intrinsics(value: Any, scope: IntrinsicScope) -> Any:
    """Return `value` with every intrinsic function replaced by its result."""
    if isinstance(value, list):
        return [resolve_intrinsics(each, scope) for each in value]
    if not isinstance(value, Mapping):
        return value
    if len(value) == 1:
        ((name, argument),) = value.items()
        if name == "Ref":
            return scope.ref(str(argument))
        if name.startswith("Fn::"):
            return _call_intrinsic(name, argument, scope)
    return {key: resolve_intrinsics(each, scope) for key, each in value.items()}


def _call_intrinsic(name: str, argument: Any, scope: IntrinsicScope) -> Any:
    match name:
        case "Fn::GetAtt":
            logical, _, attribute = (
                argument.partition(".") if isinstance(argument, str) else (argument[0], ".", argument[1])
            )
            return scope.attribute(logical, str(resolve_intrinsics(attribute, scope)))
        case "Fn::Join":
            separator, parts = argument
            return str(separator).join(str(part) for part in resolve_intrinsics(parts, scope))
        case "Fn::Sub":
            return _substitute(argument, scope)
        case "Fn::Select":
            index, listed = argument
            return resolve_intrinsics(listed, scope)[int(resolve_intrinsics(index, scope))]
        case "Fn::Split":
            separator, text = argument
            return str(resolve_intrinsics(text, scope)).split(str(separator))
        case "Fn::ImportValue":
            return scope.imported_value(str(resolve_intrinsics(argument, scope)))
        case _:
            raise UnresolvableValue(f"{scope.stack}: {name} is not known to the twin")


def _substitute(argument: Any, scope: IntrinsicScope) -> str:
    text, own = (argument, {}) if isinstance(argument, str) else (argument[0], resolve_intrinsics(argument[1], scope))

    def replace_variable(match: re.Match[str]) -> str:
        literal, name = match.groups()
        if literal:
            return f"${{{name}}}"
        if name in own:
            return str(own[name])
        logical, dot, attribute = name.partition(".")
        return str(scope.attribute(logical, attribute) if dot else scope.ref(name))

    return SUB_VARIABLE.sub(replace_variable, text)
