"""Reads a document's text, and reports why a file can't be read."""

from __future__ import annotations

from pathlib import Path

from leeward.state_machines.diagnostics.problems import DocumentProblem

# A runbook has a few KiB. A much larger file is a mistake or an attack.
MAX_FILE_BYTES = 256 * 1024


def read_text(path: Path) -> str | DocumentProblem:
    """Return the text of `path`, or a problem when the file is unreadable, empty, too large, or not UTF-8."""
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        return DocumentProblem(path, 1, 1, f"the file cannot be read: {error.strerror or error}")
    if len(raw) > MAX_FILE_BYTES:
        return DocumentProblem(path, 1, 1, "the file is too large", f"at most {MAX_FILE_BYTES // 1024} KiB")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = raw[: error.start].decode("utf-8", "replace")
        line, column = before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1
        return DocumentProblem(path, line, column, f"byte 0x{raw[error.start]:02x} is not UTF-8", "a file in UTF-8")
    if not text.strip():
        return DocumentProblem(path, 1, 1, "the file is empty", "a mapping such as `application: website`")
    return text
