"""State machine definitions, as something to compare: the committed one, and the one that is deployed."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from leeward.common.naming import resource_names


def fingerprint_definition(definition: str, application: str) -> str:
    """The SHA-256 of a definition's canonical JSON: spaces and the order of keys make no difference, nor that a
    deployment puts the application's own functions in the place of `leeward-<task>`.

    Raises ValueError for what is no JSON.
    """
    canonical = json.dumps(
        _with_committed_names(json.loads(definition), application), sort_keys=True, separators=(",", ":")
    )
    return hashlib.sha256(canonical.encode()).hexdigest()


def _with_committed_names(value: Any, application: str) -> Any:
    """The definition with every leeward function under the name that the committed definition gives it."""
    if isinstance(value, list):
        return [_with_committed_names(one, application) for one in value]
    if isinstance(value, dict):
        return {
            key: _committed_function_name(one, application)
            if key == "FunctionName" and isinstance(one, str)
            else _with_committed_names(one, application)
            for key, one in value.items()
        }
    return value


def _committed_function_name(function: str, application: str) -> str:
    """`arn:...:function:leeward-website-lock-acquire:3` -> `leeward-lock-acquire`; a team's own function as it is."""
    parts = function.split(":")
    name = parts[6] if len(parts) > 6 and parts[0] == "arn" else function  # noqa: PLR2004 - where an ARN has it
    own = f"{resource_names.application_prefix(application)}-"
    return f"{resource_names.PREFIX}-{name.removeprefix(own)}" if name.startswith(own) else name
