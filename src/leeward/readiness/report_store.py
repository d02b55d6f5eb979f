"""The last answers of readiness, kept beside the journal: one item per runbook and look, read by the board.

`pk` = READINESS#<application>#<runbook>, `sk` = <time>. The text is JSON of `readiness.findings.Readiness`.
"""

from __future__ import annotations

from datetime import UTC, datetime

from leeward.common.aws.state_table import StateTable

# DynamoDB's item holds 400 KB; a finding is some 300 bytes, so that this is an application of a thousand findings.
_MAX_BYTES = 350_000


def store_report(table: StateTable, application: str, runbook: str, at: datetime, text: str) -> None:
    """Keep one answer. The same time and text may be kept again. Raises ValueError for one that does not fit."""
    if len(text.encode()) > _MAX_BYTES:
        raise ValueError(f"{len(text.encode())} bytes of findings do not fit an item of {_MAX_BYTES}")
    table.put({"pk": _partition_key(application, runbook), "sk": at.astimezone(UTC).isoformat(), "findings": text})


def read_latest_report(table: StateTable, application: str, runbook: str) -> str | None:
    """The newest answer; None where nobody has looked yet."""
    found = list(table.query(_partition_key(application, runbook)))
    return str(found[-1]["findings"]) if found else None


def _partition_key(application: str, runbook: str) -> str:
    return f"READINESS#{application}#{runbook}"
