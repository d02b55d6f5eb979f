"""Groups in waves: what orders them, and what makes an order impossible."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


def order_in_waves(groups: Sequence[str], dependencies: Mapping[str, Sequence[str]]) -> list[list[str]]:
    """`groups` in waves, each as early as `after` allows; within a wave in the order given.

    Only orders among `groups` count, also those that go through a group which is not among them. Raises ValueError
    on a cycle.
    """
    before = {
        group: {other for other in groups if other != group and _is_reachable(group, other, dependencies)}
        for group in groups
    }
    found: list[list[str]] = []
    done: set[str] = set()
    while len(done) < len(before):
        wave = [group for group in before if group not in done and before[group] <= done]
        if not wave:
            raise ValueError(f"{', '.join(group for group in before if group not in done)} wait for each other")
        found.append(wave)
        done.update(wave)
    return found


def find_cycles(dependencies: Mapping[str, Sequence[str]]) -> list[list[str]]:
    """Every group of names that wait for each other, as a path `a, b, a`; each once, from its first name."""
    found: list[list[str]] = []
    seen: set[str] = set()
    for name in dependencies:
        if name in seen:
            continue
        path = _shortest_path(name, name, dependencies)
        if path:
            found.append([name, *path])
            seen.update(path)
    return found


def _is_reachable(start: str, goal: str, dependencies: Mapping[str, Sequence[str]]) -> bool:
    return bool(_shortest_path(start, goal, dependencies))


def _shortest_path(start: str, goal: str, dependencies: Mapping[str, Sequence[str]]) -> list[str]:
    """A shortest way from `start` along `after` to `goal`, `start` left out; empty when there is none."""
    ways = {name: [name] for name in dependencies.get(start, ())}
    queue = list(ways)
    for name in queue:
        if name == goal:
            return ways[name]
        for further in dependencies.get(name, ()):
            if further not in ways:
                ways[further] = [*ways[name], further]
                queue.append(further)
    return []
