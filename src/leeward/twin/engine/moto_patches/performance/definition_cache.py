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

# Short ones are parsed sooner than a file is written.
_MIN_DEFINITION_LENGTH, _MIN_STATE_LENGTH = 20_000, 1_000
_FORMAT_VERSION = 2
_cache_folder: Path | None = None


def set_cache_folder(folder: Path | None) -> None:
    """Keep what is parsed from now on in `folder`, a directory of this project's own; None keeps nothing.

    The files are pickles: whoever can write there could as well change the code.
    """
    global _cache_folder  # noqa: PLW0603 - moto's parser is a function of its module and knows no engine
    _cache_folder = folder


def parse_with_cache(definition: str, parse: Callable[[str], Any]) -> Any:
    """What `parse` makes of `definition`, or made of it, or of its states, before."""
    if _cache_path(definition) is None:
        return parse(definition)
    program = load_program(definition)
    if program is None:
        try:
            # What is escaped in the text would not be escaped in a state's.
            program = parse(definition) if "\\u" in definition else _parse_by_states(json.loads(definition), parse)
        except Exception:  # whatever is wrong with it is told of the whole
            program = parse(definition)
        store_program(definition, program)
    return program


def _parse_by_states(definition: dict[str, Any], parse: Callable[[str], Any]) -> Any:
    """A state means the same wherever it stands: the program of a definition is its frame with each of its states."""
    frame = parse(_to_json({**definition, "States": {definition["StartAt"]: {"Type": "Succeed"}}}))
    states: dict[str, Any] = {}
    for name, state in definition["States"].items():
        text = _to_json({"StartAt": name, "States": {name: state}})
        alone = load_program(text, _MIN_STATE_LENGTH)
        if alone is None:
            alone = parse(text)
            store_program(text, alone, _MIN_STATE_LENGTH)
        states |= alone.states.states
    frame.states.states = states
    return frame


def _to_json(definition: dict[str, Any]) -> str:
    return json.dumps(definition, ensure_ascii=False)


def load_program(definition: str, min_length: int = _MIN_DEFINITION_LENGTH) -> Any | None:
    """The program that was made of `definition`, or None."""
    path = _cache_path(definition, min_length)
    if path is None:
        return None
    try:
        return pickle.loads(path.read_bytes())  # noqa: S301 - our own file, see keep_in
    except Exception:  # absent, cut short, of another make: it is parsed again and written anew
        return None


def store_program(definition: str, program: Any, min_length: int = _MIN_DEFINITION_LENGTH) -> None:
    """Keep it, if there is a folder for it. Several processes may do so at once."""
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
    of = f"{_FORMAT_VERSION} {moto.__version__} {sys.version} {definition}"
    return _cache_folder / f"{hashlib.sha256(of.encode()).hexdigest()[:32]}.parsed"
