"""Check names against the existing ones, and suggest the nearest name for a misspelled one."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

from leeward.cli.errors.cli_error import CliError

_MAX_LISTED = 20


def find_nearest(name: str, existing: Sequence[str]) -> str | None:
    """Return the existing name that is most similar to `name`, or None if none is similar. Ignores case."""
    by_lower = {e.lower(): e for e in existing}
    found = get_close_matches(name.lower(), list(by_lower), n=1, cutoff=0.5)
    return by_lower[found[0]] if found else None


def require_existing_name(noun: str, name: str, existing: Sequence[str], *, place: str) -> str:
    """Return `name` if it exists.

    `noun` is the singular noun ("runbook"), and `place` is the folder of such documents ("runbooks/website/"). Raises
    CliError that suggests the nearest name and lists the existing ones.
    """
    if name in existing:
        return name
    raise CliError(f"there is no {noun} {name!r}", suggest_names(noun, name, existing, place=place))


def suggest_names(noun: str, name: str | None, existing: Sequence[str], *, place: str) -> list[str]:
    """Return the hints for an unknown name: the nearest existing name, and the list of existing names."""
    lines = []
    nearest = find_nearest(name, existing) if name else None
    if nearest is not None:
        lines.append(f"Did you mean {nearest}?")
    if not existing:
        return [*lines, f"{place} has no {noun}s"]
    more = f", and {len(existing) - _MAX_LISTED} more" if len(existing) > _MAX_LISTED else ""
    plural = noun if len(existing) == 1 else f"{noun}s"
    lines.append(f"The {plural} in {place}: {', '.join(existing[:_MAX_LISTED])}{more}")
    return lines
