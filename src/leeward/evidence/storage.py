"""Saves evidence to files, and finds it again by the run's id or the file's name."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pydantic import ValidationError

from leeward.common.errors import InvalidInput
from leeward.evidence.model import Evidence

EVIDENCE_SUFFIX = ".evidence.json"


def save_evidence(evidence: Evidence, path: Path) -> Path:
    """Write the evidence to `path` and create its folder if necessary."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(evidence.model_dump_json() + "\n", encoding="utf-8")
    return path


def load_evidence(path: Path) -> Evidence:
    """Read evidence. Raises InvalidInput when the file is not evidence or has another format, and OSError."""
    try:
        return Evidence.model_validate_json(path.read_text(encoding="utf-8"))
    except (ValidationError, UnicodeDecodeError) as error:
        raise InvalidInput(f"{path} is not evidence that this version can read") from error


def find_evidence_file(folder: Path, name: str) -> Path | None:
    """Return the newest matching evidence file in `folder`, or None.

    `name` is `latest`, a file's name without its suffix, or a run's id.
    """
    files = list_newest_first(folder)
    if name == "latest":
        return files[0] if files else None
    by_name = [file for file in files if file.name.removesuffix(EVIDENCE_SUFFIX) == name]
    return next(iter(by_name), None) or next((file for file in files if _read_run_id(file) == name), None)


def list_newest_first(folder: Path) -> Sequence[Path]:
    """Return every evidence file in `folder`, newest first."""
    return sorted(folder.glob(f"*{EVIDENCE_SUFFIX}"), key=lambda path: (path.stat().st_mtime, path.name), reverse=True)


def _read_run_id(path: Path) -> str | None:
    try:
        return load_evidence(path).run
    except (InvalidInput, OSError):
        return None
