"""Reads and writes the last computed dependency table of a runbook, `build/dependencies/APPLICATION-RUNBOOK.json`."""

from __future__ import annotations

from pathlib import Path

from pydantic import ValidationError

from leeward.evidence.dependencies.dependency_table import DependencyTable
from leeward.evidence.dependencies.input_digest import digest_inputs


def write_table(root: Path, table: DependencyTable) -> Path:
    """Write the table to the project at `root`, and return the file's path."""
    path = _table_path(root, table.application, table.runbook)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(table.model_dump_json(indent=1) + "\n", encoding="utf-8")
    return path


def read_current_table(root: Path, application: str, runbook: str) -> DependencyTable | None:
    """Return the table, or None if there is none, or its inputs have changed since it was computed."""
    try:
        text = _table_path(root, application, runbook).read_text(encoding="utf-8")
        table = DependencyTable.model_validate_json(text)
    except (OSError, ValidationError):
        return None
    return table if table.inputs == digest_inputs(root, application) else None


def _table_path(root: Path, application: str, runbook: str) -> Path:
    return root / "build" / "dependencies" / f"{application}-{runbook}.json"
