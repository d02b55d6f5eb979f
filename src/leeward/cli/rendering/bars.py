"""Draw bars of the time used of an objective and of the users per Region, and histograms of one line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.text import Text

from leeward.cli.rendering.glyphs import Glyphs

_WARNING_SHARE = 0.8
_UNSERVED_KEY = "nobody"  # the key of unserved users in frames and reports


def choose_objective_style(used_share: float) -> str:
    """Return the style for the used share of an objective: failed above 1, warning from 0.8, or done."""
    if used_share > 1:
        return "failed"
    return "warning" if used_share >= _WARNING_SHARE else "done"


def draw_objective_bar(seconds: float, objective_seconds: float, width: int, glyphs: Glyphs) -> Text:
    """Return a bar of `width` cells that shows the used share of the objective.

    Rounds down, so that the bar is full only when the objective is used up.
    """
    used = seconds / objective_seconds if objective_seconds > 0 else float(seconds > 0)
    filled = max(0, min(width, int(used * width)))
    bar = Text(glyphs.bar * filled, style=choose_objective_style(used))
    return bar.append(glyphs.empty_bar * (width - filled), style="quiet")


def order_users(users: Mapping[str, int], origin: str, target: str) -> list[tuple[str, int]]:
    """Return the number of users of each Region: origin, target, other Regions, and unserved users last."""
    first = [origin, target]
    others = sorted(k for k in users if k not in (origin, target, _UNSERVED_KEY))
    return [(place, users.get(place, 0)) for place in [*first, *others, _UNSERVED_KEY]]


def format_place(place: str) -> str:
    """Return the label of a key of `order_users`: a Region's name, or `unserved`."""
    return "unserved" if place == _UNSERVED_KEY else place


def draw_users_line(users: Mapping[str, int], origin: str, target: str, width: int, glyphs: Glyphs) -> Text:
    """Return `us-east-1 0 · us-west-2 5 · unserved 0` and a bar of at most 20 cells, within `width` cells."""
    styles_and_glyphs = {
        origin: ("origin", glyphs.origin),
        target: ("target", glyphs.target),
        _UNSERVED_KEY: ("unserved", glyphs.unserved),
    }
    line = Text(no_wrap=True)
    places = order_users(users, origin, target)
    for place, n in places:
        if line:
            line.append(f" {glyphs.dot} ", style="quiet")
        line.append(f"{format_place(place)} {n}", style=styles_and_glyphs.get(place, ("", ""))[0] if n else "quiet")
    total = sum(n for _, n in places)
    room = min(20, width - line.cell_len - 3)
    if total and room >= min(total, 5):
        line.append("   ")
        for place, cells in _distribute_cells(places, room if total > room else total):
            style, glyph = styles_and_glyphs.get(place, ("running", glyphs.bar))
            line.append(glyph * cells, style=style)
    return line


def _distribute_cells(places: list[tuple[str, int]], cells: int) -> list[tuple[str, int]]:
    """Distribute `cells` in proportion to the users by the largest-remainder method, so that the sum is exact."""
    total = sum(n for _, n in places)
    exact = [(place, n * cells / total) for place, n in places]
    counts = {place: int(share) for place, share in exact}
    left = cells - sum(counts.values())
    for place, _ in sorted(exact, key=lambda e: e[1] % 1, reverse=True)[:left]:
        counts[place] += 1
    return [(place, counts[place]) for place, _ in places]


def draw_histogram(values: Sequence[float], width: int, glyphs: Glyphs) -> str:
    """Return a histogram of `width` cells, from the smallest to the largest value. A cell without values is blank.

    The fullest cell has the highest glyph. If all values are equal, the histogram is one cell.
    """
    if not values:
        return ""
    counts = count_bins(values, width)
    highest = max(counts)
    levels = glyphs.levels
    return "".join(levels[-(-count * len(levels) // highest) - 1] if count else " " for count in counts)


def count_bins(values: Sequence[float], bins: int) -> list[int]:
    """Return how many values are in each of `bins` equal ranges from the smallest to the largest value.

    Returns one range if all values are equal.
    """
    low, high = min(values), max(values)
    if low == high:
        return [len(values)]
    counts = [0] * bins
    for value in values:
        counts[min(bins - 1, int((value - low) / (high - low) * bins))] += 1
    return counts
