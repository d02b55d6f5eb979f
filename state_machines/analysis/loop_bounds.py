"""Finds the limit of each loop, and the longest path through a graph whose loops are bounded.

Three kinds of loop exist. A poll loop is bounded by its number of polls and by its time limit. A retry loop is bounded
by its number of attempts. An operator who answers `retry`, or who redrives an ended run, also repeats states. The run
waits for the operator in that case.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from leeward.state_machines.analysis.state_graph import (
    Edges,
    invoked_function,
    state_edges,
    strongly_connected_components,
    subgraph,
)
from leeward.state_machines.asl import AllOf, AnyOf, ChoiceRule, ChoiceState, Comparison, PassState, State, TaskState

Edge = tuple[str, str]
RUN_STOP_FUNCTION = "leeward-run-stop"


class UnboundedLoop(Exception):
    """A loop without a limit. `states` holds the names of its states."""

    def __init__(self, states: frozenset[str]) -> None:
        super().__init__(f"nothing ends the loop {', '.join(sorted(states))}")
        self.states = states


@dataclass(frozen=True, slots=True)
class LoopBound:
    """The edge that closes a loop, and the largest number of rounds.

    For a poll loop, `seconds` is its time limit, `max_missed` is how many polls in a row may fail, and `longest_wait`
    is the longest pause between two polls in seconds.
    """

    edge: Edge
    max_rounds: int
    seconds: int | None = None
    max_missed: int = 0
    longest_wait: int = 0


def operator_edges(states: Mapping[str, State]) -> set[Edge]:
    """Return the edges that are followed only after an operator retries a step or redrives an ended run."""
    redriven = {
        (name, state.next)
        for name, state in states.items()
        if isinstance(state, TaskState) and invoked_function(state) == RUN_STOP_FUNCTION and state.next is not None
    }
    return redriven | {
        (name, after)
        for name, state in states.items()
        if isinstance(state, ChoiceState)
        for rule, after in state.choices
        if any(e.variable == "$.decision.decision" and e.value == "retry" for e in _comparisons(rule))
    }


def retry_bounds(states: Mapping[str, State]) -> list[LoopBound]:
    """Return the bounds of loops that repeat a step while its attempt count is within the limit."""
    return [
        LoopBound((name, after), rule.value)
        for name, state in states.items()
        if isinstance(state, ChoiceState)
        for rule, after in state.choices
        if isinstance(rule, Comparison)
        and rule.variable.startswith("$.attempts.")
        and rule.operator == "LessThanEquals"
        if isinstance(rule.value, int) and _increments(states.get(after), rule.variable)
    ]


def poll_bounds(states: Mapping[str, State]) -> list[LoopBound]:
    """Return the bounds of loops that poll until a number of polls or seconds is reached."""
    bounds = []
    for name, state in states.items():
        if not isinstance(state, ChoiceState):
            continue
        limits = {
            e.variable.removeprefix("$.look."): e.value
            for rule, _ in state.choices
            if isinstance(rule, AnyOf | Comparison)
            for e in _comparisons(rule)
            if e.operator == "GreaterThanEquals" and isinstance(e.value, int)
        }
        if {"attempt", "elapsed_seconds"} <= set(limits) and _counts_missed_polls(states):
            edge, missed = (name, state.default), limits.get("missed", 0)
            bounds.append(
                LoopBound(edge, limits["attempt"], limits["elapsed_seconds"], missed, _longest_wait(states, name))
            )
    return bounds


def _counts_missed_polls(states: Mapping[str, State]) -> bool:
    """Return whether each state that replaces a failed poll's result counts the poll."""
    stand_ins = [s for s in states.values() if isinstance(s, PassState) and s.result_path == "$.look"]
    counts = {"attempt.$": "States.MathAdd($.look.attempt, 1)", "missed.$": "States.MathAdd($.look.missed, 1)"}
    return all(counts.items() <= dict(state.parameters).items() for state in stand_ins)


def _longest_wait(states: Mapping[str, State], decide: str) -> int:
    polls = [
        poll
        for state in states.values()
        if isinstance(state, TaskState) and state.next == decide
        for payload in [state.parameters.get("Payload")]
        if isinstance(payload, Mapping)
        for poll in [payload.get("poll")]
        if isinstance(poll, Mapping)
    ]
    seconds = [poll.get("longest_seconds") for poll in polls]
    return max((one for one in seconds if isinstance(one, int)), default=0)


def longest_path(
    states: Mapping[str, State], start: str, weight: Callable[[str], int], wait_weight: Callable[[LoopBound, int], int]
) -> int:
    """Return the weight of the heaviest path from `start` to an end, without operator retries.

    `wait_weight(bound, once)` returns the weight of a complete poll loop. `once` is the weight of one round. Raises
    UnboundedLoop when a loop has no limit.
    """
    following = subgraph(state_edges(states), states, operator_edges(states))
    return _heaviest_paths(states, following, weight, wait_weight)[start]


def _heaviest_paths(
    states: Mapping[str, State],
    following: Edges,
    weight: Callable[[str], int],
    wait_weight: Callable[[LoopBound, int], int],
) -> dict[str, int]:
    """Return, for each state, the weight of the heaviest path that starts at it."""
    best: dict[str, int] = {}
    for part in reversed(strongly_connected_components(following)):
        ahead = max((best[after] for name in part for after in following[name] if after not in part), default=0)
        (name, *more) = part
        own = (
            weight(name)
            if not more and name not in following[name]
            else _loop_weight(states, following, part, weight, wait_weight)
        )
        best |= dict.fromkeys(part, own + ahead)
    return best


def _loop_weight(
    states: Mapping[str, State],
    following: Edges,
    component: frozenset[str],
    weight: Callable[[str], int],
    wait_weight: Callable[[LoopBound, int], int],
) -> int:
    inside = {name: states[name] for name in component}

    def closing(bounds: list[LoopBound]) -> list[LoopBound]:
        return [b for b in bounds if b.edge[1] in component and b.edge[1] in following[b.edge[0]]]

    tried, waits = closing(retry_bounds(inside)), closing(poll_bounds(inside))
    bounds = tried or waits
    if not bounds:
        raise UnboundedLoop(component)
    rest = subgraph(following, component, [b.edge for b in bounds])
    once = max(_heaviest_paths(inside, rest, weight, wait_weight).values())
    if tried:
        return once * (1 + max(bound.max_rounds for bound in tried))
    return max(wait_weight(bound, once) for bound in waits)


def _comparisons(rule: ChoiceRule) -> list[Comparison]:
    if isinstance(rule, Comparison):
        return [rule]
    return [e for inner in rule.rules for e in _comparisons(inner)] if isinstance(rule, AllOf | AnyOf) else []


def _increments(state: State | None, variable: str) -> bool:
    """Return whether a state adds one to the variable."""
    if not isinstance(state, PassState) or state.result_path != "$.attempts":
        return False
    return state.parameters.get(f"{variable.removeprefix('$.attempts.')}.$") == f"States.MathAdd({variable}, 1)"
