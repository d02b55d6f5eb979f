"""Orders server groups in waves by their dependencies, and finds dependency cycles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


def order_in_waves(groups: Sequence[str], dependencies: Mapping[str, Sequence[str]]) -> list[list[str]]:
    """Return `groups` in waves. Each group is in the earliest wave that its dependencies allow, in the order of
    `groups`.

    Only dependencies between `groups` count, including indirect ones through a group that is not in `groups`. Raises
    ValueError when there is a cycle.
    """
    before = {
        group: {other for other in groups if other != group and _is_reachable(group, other, dependencies)}
        for group in groups
    }
    waves: list[list[str]] = []
    done: set[str] = set()
    while len(done) < len(before):
        wave = [group for group in before if group not in done and before[group] <= done]
        if not wave:
            raise ValueError(f"{', '.join(group for group in before if group not in done)} wait for each other")
        waves.append(wave)
        done.update(wave)
    return waves


def find_cycles(dependencies: Mapping[str, Sequence[str]]) -> list[list[str]]:
    """Return each dependency cycle once, as a path such as `a, b, a`, starting at its first name."""
    cycles: list[list[str]] = []
    seen: set[str] = set()
    for name in dependencies:
        if name in seen:
            continue
        path = _shortest_path(name, name, dependencies)
        if path:
            cycles.append([name, *path])
            seen.update(path)
    return cycles


def _is_reachable(start: str, goal: str, dependencies: Mapping[str, Sequence[str]]) -> bool:
    return bool(_shortest_path(start, goal, dependencies))


def _shortest_path(start: str, goal: str, dependencies: Mapping[str, Sequence[str]]) -> list[str]:
    """Return a shortest path along `dependencies` from `start` (excluded) to `goal`, or an empty list."""
    paths = {name: [name] for name in dependencies.get(start, ())}
    queue = list(paths)
    for name in queue:
        if name == goal:
            return paths[name]
        for further in dependencies.get(name, ()):
            if further not in paths:
                paths[further] = [*paths[name], further]
                queue.append(further)
    return []
