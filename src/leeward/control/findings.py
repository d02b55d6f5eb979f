"""The last answers of readiness, kept beside the journal: one item per runbook and look, read by the board.

`pk` = READINESS#<application>#<runbook>, `sk` = <time>. The text is JSON of `readiness.findings.Readiness`.
"""

from __future__ import annotations

from datetime import UTC, datetime

from leeward.common.table import Table

# DynamoDB's item holds 400 KB; a finding is some 300 bytes, so that this is an application of a thousand findings.
_LONGEST = 350_000


def keep(table: Table, application: str, runbook: str, at: datetime, text: str) -> None:
    """Keep one answer. The same time and text may be kept again. Raises ValueError for one that does not fit."""
    if len(text.encode()) > _LONGEST:
        raise ValueError(f"{len(text.encode())} bytes of findings do not fit an item of {_LONGEST}")
    table.put({"pk": _pk(application, runbook), "sk": at.astimezone(UTC).isoformat(), "findings": text})


def latest(table: Table, application: str, runbook: str) -> str | None:
    """The newest answer; None where nobody has looked yet."""
    found = list(table.query(_pk(application, runbook)))
    return str(found[-1]["findings"]) if found else None


def _pk(application: str, runbook: str) -> str:
    return f"READINESS#{application}#{runbook}"
