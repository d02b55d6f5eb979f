"""Timestamps in the format of DRS: `2026-03-01T09:00:00.000Z`."""

from __future__ import annotations

from datetime import UTC, datetime


def format_timestamp(moment: datetime) -> str:
    """Return an aware datetime in the format of the service model's `ISO8601DatetimeString`."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def parse_timestamp(text: str) -> datetime:
    """Return the aware datetime for a timestamp. The caller has already validated the format."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
