"""Small bars: time against an objective, and where the users are."""

from __future__ import annotations

from collections.abc import Mapping

from rich.text import Text

from leeward.cli.screens.glyphs import Glyphs

_LATE = 0.8


def objective_style(used: float) -> str:
    """The colour of a share of an objective: used up, nearly, or comfortably within."""
    if used > 1:
        return "failed"
    return "warning" if used >= _LATE else "done"


def objective_bar(seconds: float, objective_seconds: float, width: int, signs: Glyphs) -> Text:
    """A bar of `width` cells, filled by how much of the objective is used. Never quite full until it is."""
    used = seconds / objective_seconds if objective_seconds > 0 else 1.0
    filled = max(0, min(width, int(used * width)))
    bar = Text(signs.bar * filled, style=objective_style(used))
    return bar.append(signs.rest * (width - filled), style="quiet")


def ordered_users(users: Mapping[str, int], origin: str, target: str) -> list[tuple[str, int]]:
    """Origin, target, any other Region, and nobody last."""
    first = [origin, target]
    others = sorted(k for k in users if k not in (origin, target, "nobody"))
    return [(place, users.get(place, 0)) for place in [*first, *others, "nobody"]]


def users_line(users: Mapping[str, int], origin: str, target: str, width: int, signs: Glyphs) -> Text:
    """`us-east-1 0 · us-west-2 5 · nobody 0` and a bar of at most 20 cells, within `width` cells."""
    looks = {origin: ("origin", signs.origin), target: ("target", signs.target), "nobody": ("nobody", signs.nobody)}
    line = Text(no_wrap=True)
    places = ordered_users(users, origin, target)
    for place, n in places:
        if line:
            line.append(f" {signs.dot} ", style="quiet")
        line.append(f"{place} {n}", style=looks.get(place, ("", ""))[0] if n else "quiet")
    total = sum(n for _, n in places)
    room = min(20, width - line.cell_len - 3)
    if total and room >= min(total, 5):
        line.append("   ")
        for place, cells in _shares(places, room if total > room else total):
            style, sign = looks.get(place, ("running", signs.bar))
            line.append(sign * cells, style=style)
    return line


def _shares(places: list[tuple[str, int]], cells: int) -> list[tuple[str, int]]:
    """Deal `cells` out in proportion, by largest remainder, so that they always add up."""
    total = sum(n for _, n in places)
    exact = [(place, n * cells / total) for place, n in places]
    dealt = {place: int(share) for place, share in exact}
    left = cells - sum(dealt.values())
    for place, _ in sorted(exact, key=lambda e: e[1] % 1, reverse=True)[:left]:
        dealt[place] += 1
    return [(place, dealt[place]) for place, _ in places]
