"""Identifiers as DRS writes them, derived from what they name, so that they are the same in every run."""

from __future__ import annotations

from hashlib import sha256


def derive_id(prefix: str, *parts: object) -> str:
    """`s-` (or `pit-`, `drsjob-`, ...) and 17 hexadecimal digits that follow from `parts`."""
    text = "|".join(str(part) for part in parts)
    return f"{prefix}-{sha256(f'{prefix}|{text}'.encode()).hexdigest()[:17]}"
