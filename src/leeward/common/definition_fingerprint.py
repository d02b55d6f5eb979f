"""Fingerprints of state machine definitions, to compare the committed definition with the deployed one."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from leeward.common.naming import resource_names


def fingerprint_definition(definition: str, application: str) -> str:
    """Return the SHA-256 of a definition's canonical JSON.

    Spaces, the order of keys, and function names make no difference: a deployment replaces `leeward-<task>` with the
    application's own functions. Raises ValueError when the definition is not JSON.
    """
    canonical = json.dumps(
        _with_committed_names(json.loads(definition), application), sort_keys=True, separators=(",", ":")
    )
    return hashlib.sha256(canonical.encode()).hexdigest()


def _with_committed_names(value: Any, application: str) -> Any:
    """Return the definition with the committed name of every Leeward function."""
    if isinstance(value, list):
        return [_with_committed_names(element, application) for element in value]
    if isinstance(value, dict):
        return {
            key: _committed_function_name(member, application)
            if key == "FunctionName" and isinstance(member, str)
            else _with_committed_names(member, application)
            for key, member in value.items()
        }
    return value


def _committed_function_name(function: str, application: str) -> str:
    """Return `leeward-lock-acquire` for `arn:...:function:leeward-website-lock-acquire:3`.

    A function of the user's own is returned unchanged.
    """
    parts = function.split(":")
    name = parts[6] if len(parts) > 6 and parts[0] == "arn" else function  # noqa: PLR2004 - the seventh part of an ARN
    prefix = f"{resource_names.application_prefix(application)}-"
    return f"{resource_names.PREFIX}-{name.removeprefix(prefix)}" if name.startswith(prefix) else name
