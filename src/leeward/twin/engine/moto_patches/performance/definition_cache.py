"""Caches parsed state machine definitions between processes.

moto's interpreter takes one to four seconds to parse a large state machine, and a fiftieth of a second to read the
parsed form back. The cache key is made from the definition's text and everything else that the result depends on, so an
entry may be missing but is never out of date. Each state is cached by itself too, so a changed state is the only one
that is parsed again.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import pickle
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import moto

# Parsing a shorter definition takes less time than writing a file.
_MIN_DEFINITION_LENGTH, _MIN_STATE_LENGTH = 20_000, 1_000
_FORMAT_VERSION = 2
_cache_folder: Path | None = None


def set_cache_folder(folder: Path | None) -> None:
    """Cache parsed definitions in `folder`, a directory of this project. None turns the cache off.

    The files are pickles. Anyone who can write to the folder could as well change the code.
    """
    global _cache_folder  # noqa: PLW0603 - moto's parser is a function of its module and has no reference to the engine
    _cache_folder = folder


def parse_with_cache(definition: str, parse: Callable[[str], Any]) -> Any:
    """Return what `parse` makes of `definition`. Use the cache for the definition, or for each of its states."""
    if _cache_path(definition) is None:
        return parse(definition)
    program = load_program(definition)
    if program is None:
        try:
            # `_to_json` writes no escape sequences, so a definition that contains some is parsed as a whole.
            program = parse(definition) if "\\u" in definition else _parse_by_states(json.loads(definition), parse)
        except Exception:  # parse the whole definition, so that the error refers to it
            program = parse(definition)
        store_program(definition, program)
    return program


def _parse_by_states(definition: dict[str, Any], parse: Callable[[str], Any]) -> Any:
    """Parse each state by itself and combine the states. A state means the same in every definition."""
    frame = parse(_to_json({**definition, "States": {definition["StartAt"]: {"Type": "Succeed"}}}))
    states: dict[str, Any] = {}
    for name, state in definition["States"].items():
        text = _to_json({"StartAt": name, "States": {name: state}})
        state_program = load_program(text, _MIN_STATE_LENGTH)
        if state_program is None:
            state_program = parse(text)
            store_program(text, state_program, _MIN_STATE_LENGTH)
        states |= state_program.states.states
    frame.states.states = states
    return frame


def _to_json(definition: dict[str, Any]) -> str:
    return json.dumps(definition, ensure_ascii=False)


def load_program(definition: str, min_length: int = _MIN_DEFINITION_LENGTH) -> Any | None:
    """Return the cached program of `definition`, or None."""
    path = _cache_path(definition, min_length)
    if path is None:
        return None
    try:
        return pickle.loads(path.read_bytes())  # noqa: S301 - our own file, see set_cache_folder
    except Exception:  # absent, truncated, or another format: parse it and write it again
        return None


def store_program(definition: str, program: Any, min_length: int = _MIN_DEFINITION_LENGTH) -> None:
    """Store the program if a cache folder is set. Several processes may do so at once."""
    path = _cache_path(definition, min_length)
    if path is None:
        return
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(f".{os.getpid()}")
        draft.write_bytes(pickle.dumps(program, protocol=5))
        draft.replace(path)


def _cache_path(definition: str, min_length: int = _MIN_DEFINITION_LENGTH) -> Path | None:
    if _cache_folder is None or len(definition) < min_length:
        return None
    key = f"{_FORMAT_VERSION} {moto.__version__} {sys.version} {definition}"
    return _cache_folder / f"{hashlib.sha256(key.encode()).hexdigest()[:32]}.parsed"
