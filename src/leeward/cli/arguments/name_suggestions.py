"""Choosing among names that exist: a misspelt one gets the nearest and the list."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

from leeward.cli.errors.cli_error import CliError

_MAX_LISTED = 20


def find_nearest(name: str, existing: Sequence[str]) -> str | None:
    """The existing name that `name` was most likely meant to be, if any is near."""
    by_lower = {e.lower(): e for e in existing}
    found = get_close_matches(name.lower(), list(by_lower), n=1, cutoff=0.5)
    return by_lower[found[0]] if found else None


def require_existing_name(noun: str, name: str, existing: Sequence[str], *, place: str) -> str:
    """`name`, if it exists.

    `what` is the singular noun ("runbook"), `place` where such things live ("runbooks/website/"). Raises Trouble that
    names the nearest and lists those that exist.
    """
    if name in existing:
        return name
    raise CliError(f"there is no {noun} {name!r}", suggest_names(noun, name, existing, place=place))


def suggest_names(noun: str, name: str | None, existing: Sequence[str], *, place: str) -> list[str]:
    """The lines that follow "there is no ...": did you mean, and what there is."""
    lines = []
    meant = find_nearest(name, existing) if name else None
    if meant is not None:
        lines.append(f"Did you mean {meant}?")
    if not existing:
        return [*lines, f"There is none in {place}"]
    more = f", and {len(existing) - _MAX_LISTED} more" if len(existing) > _MAX_LISTED else ""
    plural = noun if len(existing) == 1 else f"{noun}s"
    lines.append(f"The {plural} in {place}: {', '.join(existing[:_MAX_LISTED])}{more}")
    return lines
