"""Store and read readiness reports in the journal table. The board reads them.

Each report is one item with `pk` = READINESS#<application>#<runbook> and `sk` = <time>. Its attribute `findings` holds
the JSON of a `readiness.model.findings.ReadinessReport`.
"""

from __future__ import annotations

from datetime import UTC, datetime

from leeward.common.aws.tables.state_table import StateTable

# A DynamoDB item holds 400 KB. A finding has about 300 bytes, so this is enough for a thousand findings.
_MAX_BYTES = 350_000


def store_report(table: StateTable, application: str, runbook: str, at: datetime, text: str) -> None:
    """Store a report. Storing it again is safe. Raises ValueError if the text is too large for an item."""
    if len(text.encode()) > _MAX_BYTES:
        raise ValueError(f"The report of {runbook} has {len(text.encode())} bytes, but an item holds only {_MAX_BYTES}")
    table.put({"pk": _partition_key(application, runbook), "sk": at.astimezone(UTC).isoformat(), "findings": text})


def read_latest_report(table: StateTable, application: str, runbook: str) -> str | None:
    """Return the latest report as JSON, or None if there is no report yet."""
    items = list(table.query(_partition_key(application, runbook)))
    return str(items[-1]["findings"]) if items else None


def _partition_key(application: str, runbook: str) -> str:
    return f"READINESS#{application}#{runbook}"
