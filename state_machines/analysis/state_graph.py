"""Represents a state machine as a graph: its edges, and what can be reached."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from leeward.state_machines.asl import (
    FailState,
    State,
    SucceedState,
    TaskState,
    next_states,
)

Edges = Mapping[str, frozenset[str]]


def is_end(state: State) -> bool:
    """Return whether no state follows this one."""
    return isinstance(state, SucceedState | FailState) or getattr(state, "next", "") is None


def state_edges(states: Mapping[str, State]) -> dict[str, frozenset[str]]:
    """Return the states that may follow each state. Targets that don't exist are omitted."""
    return {name: frozenset(t for t in next_states(state) if t in states) for name, state in states.items()}


def reachable_states(start: str, following: Edges, stops_at: Callable[[str], bool] = lambda _: False) -> set[str]:
    """Return the states that can be reached from `start`, including `start`. States for which `stops_at` is true are
    included, but their successors are not.
    """
    reached, ahead = {start}, [start]
    while ahead:
        name = ahead.pop()
        if stops_at(name):
            continue
        new = following[name] - reached
        reached |= new
        ahead += new
    return reached


def strongly_connected_components(following: Edges) -> list[frozenset[str]]:
    """Return the strongly connected components in topological order (Tarjan's algorithm, without recursion)."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    on_stack: set[str] = set()
    components: list[frozenset[str]] = []
    for root in following:
        if root in index:
            continue
        work = [(root, iter(sorted(following[root])))]
        index[root] = low[root] = len(index)
        stack.append(root)
        on_stack.add(root)
        while work:
            name, rest = work[-1]
            for after in rest:
                if after not in index:
                    index[after] = low[after] = len(index)
                    stack.append(after)
                    on_stack.add(after)
                    work.append((after, iter(sorted(following[after]))))
                    break
                if after in on_stack:
                    low[name] = min(low[name], index[after])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[name])
                if low[name] == index[name]:
                    part = frozenset(stack[stack.index(name) :])
                    del stack[-len(part) :]
                    on_stack -= part
                    components.append(part)
    return components[::-1]


def subgraph(following: Edges, names: Collection[str], excluded_edges: Collection[tuple[str, str]] = ()) -> Edges:
    """Return the part of the graph that contains only `names`, without `excluded_edges`."""
    return {n: frozenset(t for t in following[n] if t in names and (n, t) not in excluded_edges) for n in names}


def invoked_function(state: State) -> str | None:
    """Return the name of the Lambda function that a state invokes, or None."""
    if not isinstance(state, TaskState):
        return None
    name = state.parameters.get("FunctionName")
    return name if isinstance(name, str) else None


def task_payload(state: State) -> Mapping[str, object]:
    """Return the payload that a Task state passes to its function. Returns an empty mapping for other states."""
    payload = state.parameters.get("Payload") if isinstance(state, TaskState) else None
    return payload if isinstance(payload, Mapping) else {}


def task_parameters(state: State) -> Mapping[str, object]:
    """Return the function's own parameters from the payload."""
    parameters = task_payload(state).get("parameters")
    return parameters if isinstance(parameters, Mapping) else {}
