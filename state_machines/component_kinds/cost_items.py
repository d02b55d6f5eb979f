"""A cost, and what the components of a kind cost per month."""

from __future__ import annotations

from dataclasses import dataclass

HOURS_PER_MONTH = 730


@dataclass(frozen=True, slots=True)
class CostItem:
    """One cost in US dollars, and what it is for."""

    what: str
    dollars: float


@dataclass(frozen=True, slots=True)
class MonthCost:
    """What the components of one kind cost per month. `not_counted` lists costs that the documents don't determine."""

    items: tuple[CostItem, ...]
    not_counted: tuple[str, ...] = ()
