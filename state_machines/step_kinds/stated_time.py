"""The duration that a document states for a step."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StatedTime:
    """The median and the 95th percentile in seconds, and where the document states them."""

    p50: float
    p95: float
    source: str
