"""Small bars: time against an objective, and where the users are."""

from __future__ import annotations

from collections.abc import Mapping

from rich.text import Text

from leeward.cli.rendering.glyphs import Glyphs

_WARNING_SHARE = 0.8


def choose_objective_style(used_share: float) -> str:
    """The colour of a share of an objective: used up, nearly, or comfortably within."""
    if used_share > 1:
        return "failed"
    return "warning" if used_share >= _WARNING_SHARE else "done"


def draw_objective_bar(seconds: float, objective_seconds: float, width: int, glyphs: Glyphs) -> Text:
    """A bar of `width` cells, filled by how much of the objective is used. Never quite full until it is."""
    used = seconds / objective_seconds if objective_seconds > 0 else 1.0
    filled = max(0, min(width, int(used * width)))
    bar = Text(glyphs.bar * filled, style=choose_objective_style(used))
    return bar.append(glyphs.empty_bar * (width - filled), style="quiet")


def order_users(users: Mapping[str, int], origin: str, target: str) -> list[tuple[str, int]]:
    """Origin, target, any other Region, and nobody last."""
    first = [origin, target]
    others = sorted(k for k in users if k not in (origin, target, "nobody"))
    return [(place, users.get(place, 0)) for place in [*first, *others, "nobody"]]


def draw_users_line(users: Mapping[str, int], origin: str, target: str, width: int, glyphs: Glyphs) -> Text:
    """`us-east-1 0 · us-west-2 5 · nobody 0` and a bar of at most 20 cells, within `width` cells."""
    looks = {
        origin: ("origin", glyphs.origin),
        target: ("target", glyphs.target),
        "nobody": ("nobody", glyphs.unserved),
    }
    line = Text(no_wrap=True)
    places = order_users(users, origin, target)
    for place, n in places:
        if line:
            line.append(f" {glyphs.dot} ", style="quiet")
        line.append(f"{place} {n}", style=looks.get(place, ("", ""))[0] if n else "quiet")
    total = sum(n for _, n in places)
    room = min(20, width - line.cell_len - 3)
    if total and room >= min(total, 5):
        line.append("   ")
        for place, cells in _distribute_cells(places, room if total > room else total):
            style, sign = looks.get(place, ("running", glyphs.bar))
            line.append(sign * cells, style=style)
    return line


def _distribute_cells(places: list[tuple[str, int]], cells: int) -> list[tuple[str, int]]:
    """Deal `cells` out in proportion, by largest remainder, so that they always add up."""
    total = sum(n for _, n in places)
    exact = [(place, n * cells / total) for place, n in places]
    dealt = {place: int(share) for place, share in exact}
    left = cells - sum(dealt.values())
    for place, _ in sorted(exact, key=lambda e: e[1] % 1, reverse=True)[:left]:
        dealt[place] += 1
    return [(place, dealt[place]) for place, _ in places]
