"""Mutations of a compiled machine, each with a recording that must no longer match.

A mutation is drawn for a visit of a recorded execution to a state, and an operator applies only where the visit shows
that the change has an effect. So none is equivalent to the original. For example, a catcher's `Next` is changed only if
the visit ended in that catcher.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from random import Random

from tests.state_machines.replay.recordings import Recording
from tests.state_machines.replay.visits import Asl, Visit, list_visits

# Returns the changed state, or None if the operator doesn't apply to the visit.
Operator = Callable[[Visit, Random], Asl | None]


@dataclass(frozen=True, slots=True)
class Mutation:
    """A changed definition. `witness` is a recording that goes through the changed state."""

    operator: str
    state: str
    definition: str
    witness: Recording

    def __str__(self) -> str:
        return f"{self.operator} in {self.witness.machine}, {self.state} (recording: {self.witness.name})"


def draw_mutations(
    recordings: Sequence[Recording],
    definitions: Mapping[str, Asl],
    operators: Sequence[Operator],
    seed: int,
    count: int,
) -> list[Mutation]:
    """Draw `count` mutations of different states. The operators take turns.

    Raises ValueError when the recordings allow fewer.
    """
    rng = Random(f"{seed}|mutations")
    visits = [visit for each in recordings for visit in list_visits(each, definitions[each.machine])]
    rng.shuffle(visits)
    drawn: dict[tuple[str, str, str], Mutation] = {}
    waiting = {operator: iter(visits) for operator in operators}
    while waiting and len(drawn) < count:
        for operator, remaining in list(waiting.items()):
            mutation = next((each for visit in remaining if (each := _mutate(visit, operator, rng, definitions))), None)
            if mutation is None:
                del waiting[operator]
            else:
                drawn.setdefault((mutation.operator, mutation.witness.machine, mutation.state), mutation)
    if len(drawn) < count:
        raise ValueError(f"the recordings allow only {len(drawn)} mutations")
    return list(drawn.values())[:count]


def _mutate(visit: Visit, operator: Operator, rng: Random, definitions: Mapping[str, Asl]) -> Mutation | None:
    changed = operator(visit, rng)
    if changed is None:
        return None
    definition = copy.deepcopy(definitions[visit.recording.machine])
    definition["States"][visit.name] = changed
    return Mutation(operator.__name__, visit.name, json.dumps(definition), visit.recording)
