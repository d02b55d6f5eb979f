"""A machine as a graph: its scopes (the machine itself, and each branch inside it), what follows what, its loops."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass

from leeward.state_machines.asl import (
    FailState,
    ParallelState,
    State,
    StateMachine,
    SucceedState,
    TaskState,
    next_states,
)

Edges = Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class StateScope:
    """States that follow each other; `branch` says whether they are a branch of a Parallel."""

    start: str
    states: Mapping[str, State]
    is_branch: bool = False


def iterate_scopes(machine: StateMachine) -> Iterator[StateScope]:
    """The machine, and every branch within it, however deep."""
    ahead = [StateScope(machine.start_at, machine.states)]
    while ahead:
        scope = ahead.pop(0)
        yield scope
        for state in scope.states.values():
            if isinstance(state, ParallelState):
                ahead += [StateScope(branch.start_at, branch.states, is_branch=True) for branch in state.branches]


def is_end(state: State) -> bool:
    """Nothing follows it within its scope."""
    return isinstance(state, SucceedState | FailState) or getattr(state, "next", "") is None


def state_edges(states: Mapping[str, State]) -> dict[str, frozenset[str]]:
    """What may follow each state; a target that does not exist is left out."""
    return {name: frozenset(t for t in next_states(state) if t in states) for name, state in states.items()}


def reachable_states(start: str, following: Edges, stops_at: Callable[[str], bool] = lambda _: False) -> set[str]:
    """What can be reached from `start`, itself included; nothing behind a state at which to `stop`."""
    found, ahead = {start}, [start]
    while ahead:
        name = ahead.pop()
        if stops_at(name):
            continue
        new = following[name] - found
        found |= new
        ahead += new
    return found


def find_loops(following: Edges) -> list[frozenset[str]]:
    """The sets of states that can come back to each other (strongly connected, more than one or with itself), in the
    order in which a run meets them."""
    return [
        part
        for part in strongly_connected_components(following)
        if len(part) > 1 or any(n in following[n] for n in part)
    ]


def strongly_connected_components(following: Edges) -> list[frozenset[str]]:
    """Strongly connected components in topological order (Tarjan's algorithm, without recursion)."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    on_stack: set[str] = set()
    found: list[frozenset[str]] = []
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
                    found.append(part)
    return found[::-1]


def subgraph(following: Edges, names: Collection[str], excluded_edges: Collection[tuple[str, str]] = ()) -> Edges:
    """The part of the graph among `names`, without some edges."""
    return {n: frozenset(t for t in following[n] if t in names and (n, t) not in excluded_edges) for n in names}


def invoked_function(state: State) -> str | None:
    """The Lambda function that a state invokes."""
    if not isinstance(state, TaskState):
        return None
    name = state.parameters.get("FunctionName")
    return name if isinstance(name, str) else None


def task_payload(state: State) -> Mapping[str, object]:
    """What a Task hands to its function; empty for every other state."""
    given = state.parameters.get("Payload") if isinstance(state, TaskState) else None
    return given if isinstance(given, Mapping) else {}


def task_parameters(state: State) -> Mapping[str, object]:
    """The function's own parameters within its payload."""
    given = task_payload(state).get("parameters")
    return given if isinstance(given, Mapping) else {}
