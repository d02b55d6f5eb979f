"""Choosing among names that exist: a misspelt one gets the nearest and the list."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

from leeward.cli.trouble import Trouble

_LISTED = 20


def nearest(name: str, existing: Sequence[str]) -> str | None:
    """The existing name that `name` was most likely meant to be, if any is near."""
    by_lower = {e.lower(): e for e in existing}
    found = get_close_matches(name.lower(), list(by_lower), n=1, cutoff=0.5)
    return by_lower[found[0]] if found else None


def choose(what: str, name: str, existing: Sequence[str], *, place: str) -> str:
    """`name`, if it exists.

    `what` is the singular noun ("runbook"), `place` where such things live ("runbooks/website/"). Raises Trouble that
    names the nearest and lists those that exist.
    """
    if name in existing:
        return name
    raise Trouble(f"there is no {what} {name!r}", explain(what, name, existing, place=place))


def explain(what: str, name: str | None, existing: Sequence[str], *, place: str) -> list[str]:
    """The lines that follow "there is no ...": did you mean, and what there is."""
    lines = []
    meant = nearest(name, existing) if name else None
    if meant is not None:
        lines.append(f"Did you mean {meant}?")
    if not existing:
        return [*lines, f"There is none in {place}"]
    more = f", and {len(existing) - _LISTED} more" if len(existing) > _LISTED else ""
    plural = what if len(existing) == 1 else f"{what}s"
    lines.append(f"The {plural} in {place}: {', '.join(existing[:_LISTED])}{more}")
    return lines
