"""What a step kind tells the plan of a run: a stated duration, and the use of AWS quotas."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StatedTime:
    """The median and the 95th percentile in seconds, and where the document states them."""

    p50: float
    p95: float
    source: str


@dataclass(frozen=True, slots=True)
class QuotaUse:
    """How much of a quota a step needs, and the quota's default value. `quota` is its name in AWS's words."""

    quota: str
    used: int
    default: int
