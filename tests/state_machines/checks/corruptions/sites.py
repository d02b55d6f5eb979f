"""A machine's JSON as a place to corrupt: its states with their names."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random
from typing import Any

Asl = dict[str, Any]


@dataclass(frozen=True)
class Site:
    """One state of a copy of the machine. `siblings` are the states of the machine, itself included."""

    machine: Asl
    name: str
    state: Asl
    siblings: dict[str, Asl]
    rng: Random

    @property
    def others(self) -> list[str]:
        """Return the names of the other states, except those that follow anyway."""
        return [name for name in self.siblings if name not in (self.name, self.state.get("Next"))]


# Changes the state in place. Returns False for a state that it doesn't apply to.
Corruption = Callable[[Site], bool]


def iterate_states(machine: Asl) -> Iterator[tuple[str, Asl, dict[str, Asl]]]:
    """Yield the name, the state, and all states, in the machine's order."""
    for name, state in machine["States"].items():
        yield name, state, machine["States"]


def corrupt(text: str, corruption: Corruption, rng: Random) -> tuple[str, str] | None:
    """Return the corrupted text and the changed state's name, or None if no state of the machine fits."""
    names = list(range(sum(1 for _ in iterate_states(json.loads(text)))))
    rng.shuffle(names)
    for number in names:
        machine = json.loads(text)
        name, state, siblings = list(iterate_states(machine))[number]
        if corruption(Site(machine, name, state, siblings, rng)) and machine != json.loads(text):
            return json.dumps(machine, ensure_ascii=False, indent=2) + "\n", name
    return None


def leaves(value: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Yield each value that isn't a container, with its place."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else None
    if items is None:
        yield place, value
        return
    for key, item in items:
        yield from leaves(item, (*place, key))


def put(value: Any, place: tuple[Any, ...], new: Any) -> None:
    """Write `new` at a place."""
    for key in place[:-1]:
        value = value[key]
    value[place[-1]] = new
