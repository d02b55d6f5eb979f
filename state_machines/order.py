"""Groups in waves: what orders them, and what makes an order impossible."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


def waves(groups: Sequence[str], after: Mapping[str, Sequence[str]]) -> list[list[str]]:
    """`groups` in waves, each as early as `after` allows; within a wave in the order given.

    Only orders among `groups` count, also those that go through a group which is not among them. Raises ValueError
    on a cycle.
    """
    before = {group: {other for other in groups if other != group and _leads(group, other, after)} for group in groups}
    found: list[list[str]] = []
    done: set[str] = set()
    while len(done) < len(before):
        wave = [group for group in before if group not in done and before[group] <= done]
        if not wave:
            raise ValueError(f"{', '.join(group for group in before if group not in done)} wait for each other")
        found.append(wave)
        done.update(wave)
    return found


def cycles(after: Mapping[str, Sequence[str]]) -> list[list[str]]:
    """Every group of names that wait for each other, as a path `a, b, a`; each once, from its first name."""
    found: list[list[str]] = []
    seen: set[str] = set()
    for name in after:
        if name in seen:
            continue
        path = _path(name, name, after)
        if path:
            found.append([name, *path])
            seen.update(path)
    return found


def _leads(start: str, goal: str, after: Mapping[str, Sequence[str]]) -> bool:
    return bool(_path(start, goal, after))


def _path(start: str, goal: str, after: Mapping[str, Sequence[str]]) -> list[str]:
    """A shortest way from `start` along `after` to `goal`, `start` left out; empty when there is none."""
    ways = {name: [name] for name in after.get(start, ())}
    queue = list(ways)
    for name in queue:
        if name == goal:
            return ways[name]
        for further in after.get(name, ()):
            if further not in ways:
                ways[further] = [*ways[name], further]
                queue.append(further)
    return []
