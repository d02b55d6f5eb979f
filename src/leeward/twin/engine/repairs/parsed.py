"""Parsed definitions, kept between processes.

moto's interpreter takes one to four seconds to parse a committed runbook, and a fiftieth of a second to read back what
it made of it. What is kept is named after the definition's own text and after everything else that it depends on, so it
can only ever be missing, never out of date. Each state is kept by itself too: who changes one step waits for that step.
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
_WORTH_KEEPING, _STATE_WORTH_KEEPING = 20_000, 1_000
_FORM = 2
_folder: Path | None = None


def keep_in(folder: Path | None) -> None:
    """Keep what is parsed from now on in `folder`, a directory of this project's own; None keeps nothing.

    The files are pickles: whoever can write there could as well change the code.
    """
    global _folder  # noqa: PLW0603 - moto's parser is a function of its module and knows no engine
    _folder = folder


def program_of(definition: str, parse: Callable[[str], Any]) -> Any:
    """What `parse` makes of `definition`, or made of it, or of its states, before."""
    if _path(definition) is None:
        return parse(definition)
    program = kept(definition)
    if program is None:
        try:
            # What is escaped in the text would not be escaped in a state's.
            program = parse(definition) if "\\u" in definition else _by_states(json.loads(definition), parse)
        except Exception:  # whatever is wrong with it is told of the whole
            program = parse(definition)
        keep(definition, program)
    return program


def _by_states(told: dict[str, Any], parse: Callable[[str], Any]) -> Any:
    """A state means the same wherever it stands: the program of a definition is its frame with each of its states."""
    frame = parse(_text({**told, "States": {told["StartAt"]: {"Type": "Succeed"}}}))
    states: dict[str, Any] = {}
    for name, state in told["States"].items():
        text = _text({"StartAt": name, "States": {name: state}})
        alone = kept(text, _STATE_WORTH_KEEPING)
        if alone is None:
            alone = parse(text)
            keep(text, alone, _STATE_WORTH_KEEPING)
        states |= alone.states.states
    frame.states.states = states
    return frame


def _text(definition: dict[str, Any]) -> str:
    return json.dumps(definition, ensure_ascii=False)


def kept(definition: str, worth: int = _WORTH_KEEPING) -> Any | None:
    """The program that was made of `definition`, or None."""
    path = _path(definition, worth)
    if path is None:
        return None
    try:
        return pickle.loads(path.read_bytes())  # noqa: S301 - our own file, see keep_in
    except Exception:  # absent, cut short, of another make: it is parsed again and written anew
        return None


def keep(definition: str, program: Any, worth: int = _WORTH_KEEPING) -> None:
    """Keep it, if there is a folder for it. Several processes may do so at once."""
    path = _path(definition, worth)
    if path is None:
        return
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(f".{os.getpid()}")
        draft.write_bytes(pickle.dumps(program, protocol=5))
        draft.replace(path)


def _path(definition: str, worth: int = _WORTH_KEEPING) -> Path | None:
    if _folder is None or len(definition) < worth:
        return None
    of = f"{_FORM} {moto.__version__} {sys.version} {definition}"
    return _folder / f"{hashlib.sha256(of.encode()).hexdigest()[:32]}.parsed"
