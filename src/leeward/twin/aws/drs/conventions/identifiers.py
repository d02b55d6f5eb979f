"""Deterministic identifiers in the format of DRS."""

from __future__ import annotations

from hashlib import sha256


def derive_id(prefix: str, *parts: object) -> str:
    """Return `prefix` (`s`, `pit`, `drsjob`), a hyphen, and 17 hexadecimal digits that are derived from `parts`."""
    text = "|".join(str(part) for part in parts)
    return f"{prefix}-{sha256(f'{prefix}|{text}'.encode()).hexdigest()[:17]}"
