"""What bounds a loop, and the longest way through a graph with bounded loops.

Three things bring a run back to a state where it was: a wait that looks again (bounded by the number of looks and by
the clock), a policy that tries a step again (bounded by the number of attempts), and a person who answers `retry` or
redrives a run that has ended (the run waits for that person, who is the bound).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from leeward.state_machines.asl import All, Any, Choice, Equals, Pass, Rule, State, Task
from leeward.state_machines.checks.graph import Edges, components, edges, function_of, within

Edge = tuple[str, str]
STOP = "leeward-run-stop"


class Unbounded(Exception):
    """A loop that nothing ends; `states` are its states."""

    def __init__(self, states: frozenset[str]) -> None:
        super().__init__(f"nothing ends the loop {', '.join(sorted(states))}")
        self.states = states


@dataclass(frozen=True, slots=True)
class Bound:
    """The edge at which a loop comes round, and how often at most.

    Of a wait: `seconds` is how long it goes on, `missed` how many looks in a row may bring no answer, `longest_wait`
    the longest pause between two looks.
    """

    edge: Edge
    times: int
    seconds: int | None = None
    missed: int = 0
    longest_wait: int = 0


def of_person(states: Mapping[str, State]) -> set[Edge]:
    """The edges that are taken on a person's word: to try again, or to redrive a run that has ended."""
    redriven = {
        (name, state.next)
        for name, state in states.items()
        if isinstance(state, Task) and function_of(state) == STOP and state.next is not None
    }
    return redriven | {
        (name, after)
        for name, state in states.items()
        if isinstance(state, Choice)
        for rule, after in state.choices
        if any(e.variable == "$.decision.decision" and e.value == "retry" for e in _parts(rule))
    }


def of_policy(states: Mapping[str, State]) -> list[Bound]:
    """The edges that are taken while a count of attempts is not above its limit, and whose target counts."""
    return [
        Bound((name, after), rule.value)
        for name, state in states.items()
        if isinstance(state, Choice)
        for rule, after in state.choices
        if isinstance(rule, Equals) and rule.variable.startswith("$.attempts.") and rule.operator == "LessThanEquals"
        if isinstance(rule.value, int) and _counts(states.get(after), rule.variable)
    ]


def of_waits(states: Mapping[str, State]) -> list[Bound]:
    """The edges that are taken until there have been so many looks, or so much time has passed."""
    found = []
    for name, state in states.items():
        if not isinstance(state, Choice):
            continue
        limits = {
            e.variable.removeprefix("$.look."): e.value
            for rule, _ in state.choices
            if isinstance(rule, Any | Equals)
            for e in _parts(rule)
            if e.operator == "GreaterThanEquals" and isinstance(e.value, int)
        }
        if {"attempt", "elapsed_seconds"} <= set(limits) and _counted(states):
            edge, missed = (name, state.default), limits.get("missed", 0)
            found.append(Bound(edge, limits["attempt"], limits["elapsed_seconds"], missed, _longest_wait(states, name)))
    return found


def _counted(states: Mapping[str, State]) -> bool:
    """Whether each state that stands in for an answer of a look counts it as one."""
    stand_ins = [s for s in states.values() if isinstance(s, Pass) and s.result_path == "$.look"]
    counts = {"attempt.$": "States.MathAdd($.look.attempt, 1)", "missed.$": "States.MathAdd($.look.missed, 1)"}
    return all(counts.items() <= dict(state.parameters).items() for state in stand_ins)


def _longest_wait(states: Mapping[str, State], decide: str) -> int:
    polls = [
        poll
        for state in states.values()
        if isinstance(state, Task) and state.next == decide
        for payload in [state.parameters.get("Payload")]
        if isinstance(payload, Mapping)
        for poll in [payload.get("poll")]
        if isinstance(poll, Mapping)
    ]
    return max((p["longest_seconds"] for p in polls if isinstance(p["longest_seconds"], int)), default=0)


def longest(
    states: Mapping[str, State], start: str, weight: Callable[[str], int], wait: Callable[[Bound, int], int]
) -> int:
    """The heaviest way from `start` to an end, no person trying again. `wait(bound, once)` weighs a whole wait of which
    going round once weighs `once`. Raises Unbounded."""
    following = within(edges(states), states, of_person(states))
    return _longest(states, following, weight, wait)[start]


def _longest(
    states: Mapping[str, State], following: Edges, weight: Callable[[str], int], wait: Callable[[Bound, int], int]
) -> dict[str, int]:
    """For each state the heaviest way from it to wherever it leads."""
    best: dict[str, int] = {}
    for part in reversed(components(following)):
        ahead = max((best[after] for name in part for after in following[name] if after not in part), default=0)
        (name, *more) = part
        own = weight(name) if not more and name not in following[name] else _loop(states, following, part, weight, wait)
        best |= dict.fromkeys(part, own + ahead)
    return best


def _loop(
    states: Mapping[str, State],
    following: Edges,
    part: frozenset[str],
    weight: Callable[[str], int],
    wait: Callable[[Bound, int], int],
) -> int:
    inside = {name: states[name] for name in part}

    def closing(bounds: list[Bound]) -> list[Bound]:
        return [b for b in bounds if b.edge[1] in part and b.edge[1] in following[b.edge[0]]]

    tried, waits = closing(of_policy(inside)), closing(of_waits(inside))
    bounds = tried or waits
    if not bounds:
        raise Unbounded(part)
    rest = within(following, part, [b.edge for b in bounds])
    once = max(_longest(inside, rest, weight, wait).values())
    if tried:
        return once * (1 + max(bound.times for bound in tried))
    return max(wait(bound, once) for bound in waits)


def _parts(rule: Rule) -> list[Equals]:
    if isinstance(rule, Equals):
        return [rule]
    return [e for inner in rule.rules for e in _parts(inner)] if isinstance(rule, All | Any) else []


def _counts(state: State | None, variable: str) -> bool:
    """Whether a state adds one to the variable."""
    if not isinstance(state, Pass) or state.result_path != "$.attempts":
        return False
    return state.parameters.get(f"{variable.removeprefix('$.attempts.')}.$") == f"States.MathAdd({variable}, 1)"
