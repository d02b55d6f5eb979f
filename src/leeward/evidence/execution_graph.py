"""The graph of a state machine, with the path that a run took."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from leeward.evidence.model import ExecutionGraph, StateEdge, StateNode


def build_execution_graph(definition: Mapping[str, Any], entered_states: Sequence[str]) -> ExecutionGraph:
    """Build the graph of a state machine.

    `definition` is the ASL definition. `entered_states` are the names of the entered states in order, including states
    inside branches.
    """
    states: Mapping[str, Any] = definition["States"]
    path = [name for name in entered_states if name in states]
    order = {name: position for position, name in reversed(list(enumerate(path, start=1)))}
    taken = set(pairwise(path))
    nodes = [
        StateNode(name=name, type=str(state["Type"]), order=order.get(name), branches=len(state.get("Branches", ())))
        for name, state in states.items()
    ]
    transitions = dict.fromkeys((name, end) for name, state in states.items() for end in _list_next_states(state))
    edges = [StateEdge(start=start, end=end, taken=(start, end) in taken) for start, end in transitions]
    return ExecutionGraph(nodes=nodes, edges=edges)


def _list_next_states(state: Mapping[str, Any]) -> Iterator[str]:
    for choice in state.get("Choices", ()):
        yield choice["Next"]
    for name in ("Next", "Default"):
        if name in state:
            yield state[name]
    for catch in state.get("Catch", ()):
        yield catch["Next"]
