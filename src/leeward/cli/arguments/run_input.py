"""Build a run's input from `--input` and from the options that set single keys.

`control.run.run_reference` defines what a run accepts. This module validates the input early, so that a misspelled key
fails before the run starts.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime

from leeward.cli.errors.cli_error import CliError

_EXAMPLE = """For example: --input '{"approve": true, "reason": "quarterly rehearsal"}'"""
# Only the run knows the current time, which may be virtual, so only the run rejects times in the future.
_FAR_FUTURE = datetime(9000, 1, 1, tzinfo=UTC)


def build_run_input(text: str | None, *, reason: str | None, accept_data_loss: bool) -> dict[str, object]:
    """Return the keys of `text`, the JSON of `--input`, overridden by the options. Raises CliError if it is invalid."""
    members = _parse_json(text) if text is not None else {}
    if reason is not None:
        members["reason"] = reason
    if accept_data_loss:
        members["accept_data_loss"] = True
    return members


def _parse_json(text: str) -> dict[str, object]:
    from leeward.common.errors import InvalidInput  # noqa: PLC0415 - pydantic takes a while to import
    from leeward.control.run.run_reference import parse_input  # noqa: PLC0415

    try:
        members = json.loads(text)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise CliError(f"--input is not JSON: {error.msg} at {place}", [text, _EXAMPLE]) from None
    except RecursionError:
        raise CliError("--input is nested too deeply", [_EXAMPLE]) from None
    if not isinstance(members, dict):
        raise CliError(f"--input must be a JSON object, not {_describe_json_type(members)}", [_EXAMPLE])
    try:
        parse_input(members, _FAR_FUTURE)
    except InvalidInput as error:
        raise CliError("--input: " + str(error).removeprefix("the run's input: "), [_EXAMPLE]) from None
    return members


def _describe_json_type(value: object) -> str:
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    kinds = {list: "a list", str: "a string", int: "a number", float: "a number"}
    return kinds[type(value)]
