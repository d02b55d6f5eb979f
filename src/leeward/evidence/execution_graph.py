"""The state machine as a graph, and the way that a run took through it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from leeward.evidence.model import ExecutionGraph, StateEdge, StateNode


def build_execution_graph(definition: Mapping[str, Any], entered_states: Sequence[str]) -> ExecutionGraph:
    """`definition` is the ASL; `entered` the names of the states entered, in their order, inner ones too."""
    states: Mapping[str, Any] = definition["States"]
    path = [name for name in entered_states if name in states]
    order = {name: place for place, name in reversed(list(enumerate(path, start=1)))}
    taken = set(pairwise(path))
    nodes = [
        StateNode(name=name, type=str(state["Type"]), order=order.get(name), branches=len(state.get("Branches", ())))
        for name, state in states.items()
    ]
    ways = dict.fromkeys((name, end) for name, state in states.items() for end in _list_next_states(state))
    edges = [StateEdge(start=start, end=end, taken=(start, end) in taken) for start, end in ways]
    return ExecutionGraph(nodes=nodes, edges=edges)


def _list_next_states(state: Mapping[str, Any]) -> Iterator[str]:
    for choice in state.get("Choices", ()):
        yield choice["Next"]
    for name in ("Next", "Default"):
        if name in state:
            yield state[name]
    for catch in state.get("Catch", ()):
        yield catch["Next"]
