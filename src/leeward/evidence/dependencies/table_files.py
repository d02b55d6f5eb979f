"""Finds the dependency table of a runbook: the last computed one, or else the committed one of a sample.

- `build/dependencies/APPLICATION-RUNBOOK.json` is the table that `leeward dependencies` computed last.
- `docs/generated/dependencies.json` has the tables of the samples by name, such as `website failover`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from leeward.evidence.dependencies.dependency_table import DependencyTable
from leeward.evidence.dependencies.input_digest import digest_inputs

_COMMITTED = Path("docs", "generated", "dependencies.json")


def write_table(root: Path, table: DependencyTable) -> Path:
    """Write the table to the project at `root`, and return the file's path."""
    path = _table_path(root, table.application, table.runbook)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(table.model_dump_json(indent=1) + "\n", encoding="utf-8")
    return path


def read_current_table(root: Path, application: str, runbook: str) -> DependencyTable | None:
    """Return the table, or None if there is none, or its inputs have changed since it was computed."""
    tables = list(_read_tables(root, application, runbook))
    digest = digest_inputs(root, application) if tables else ""
    return next((table for table in tables if table.inputs == digest), None)


def _read_tables(root: Path, application: str, runbook: str) -> Iterator[DependencyTable]:
    for path, name in ((_table_path(root, application, runbook), ""), (root / _COMMITTED, f"{application} {runbook}")):
        try:
            document = json.loads(path.read_text(encoding="utf-8"))
            yield DependencyTable.model_validate(document[name] if name else document)
        except (OSError, LookupError, ValueError):  # no file or table, or one of another version
            continue


def _table_path(root: Path, application: str, runbook: str) -> Path:
    return root / "build" / "dependencies" / f"{application}-{runbook}.json"
