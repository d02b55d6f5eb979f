"""Parses and formats durations: `45s`, `15m`, `1h30m`, `2d`, and ISO 8601."""

from __future__ import annotations

import re
from datetime import timedelta

_UNITS = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}
_PATTERN = re.compile(r"(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?", re.ASCII)
# The limit of Step Functions for TimeoutSeconds and Wait.
MAX_DURATION = timedelta(seconds=99_999_999)


def parse_duration(text: str) -> timedelta:
    """Parse a duration such as `15m`. Raises ValueError that says what was expected."""
    match = _PATTERN.fullmatch(text.strip())
    if match is None or not any(match.groups()):
        raise ValueError(
            f"{text!r} is not a duration; write whole numbers with d, h, m or s, such as 45s, 15m or 1h30m"
        )
    seconds = sum(int(n) * size for n, size in zip(match.groups(), _UNITS.values(), strict=True) if n)
    if seconds > MAX_DURATION.total_seconds():
        raise ValueError(f"{text!r} is longer than Step Functions can wait ({MAX_DURATION.days} days)")
    return timedelta(seconds=seconds)


def format_duration(span: timedelta | float) -> str:
    """Format a timedelta or a number of seconds, such as `15m`. Rounds to whole seconds.

    The inverse of `parse_duration` for whole seconds.
    """
    seconds = round(span.total_seconds() if isinstance(span, timedelta) else span)
    if seconds < 0:
        return "-" + format_duration(-seconds)
    parts = []
    for unit, size in _UNITS.items():
        n, seconds = divmod(seconds, size)
        if n:
            parts.append(f"{n}{unit}")
    return "".join(parts) or "0s"


_ISO_PATTERN = re.compile(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?")


def parse_iso_duration(text: str) -> timedelta:
    """Parse an ISO 8601 duration such as `PT1M30S`, the format of `lagDuration` in DRS. Raises ValueError."""
    match = _ISO_PATTERN.fullmatch(text)
    if match is None or not any(match.groups()):
        raise ValueError(f"{text!r} is not an ISO 8601 duration such as PT1M30S")
    days, hours, minutes, seconds = (float(g or 0) for g in match.groups())
    return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)


def format_iso_duration(span: timedelta) -> str:
    """Format a duration as ISO 8601, such as `PT1M30S`."""
    minutes, seconds = divmod(int(span.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    parts = [f"{hours}H" if hours else "", f"{minutes}M" if minutes else "", f"{seconds}S" if seconds else ""]
    return "PT" + ("".join(parts) or "0S")
