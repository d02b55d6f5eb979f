"""Checks of the graph alone: every state can be reached and can reach an end, and every loop has a bound."""

from __future__ import annotations

from collections.abc import Iterator

from leeward.state_machines.analysis.loop_bounds import UnboundedLoop, longest_path
from leeward.state_machines.analysis.state_graph import is_end, iterate_scopes, reachable_states, state_edges
from leeward.state_machines.asl import StateMachine, next_states
from leeward.state_machines.checks.machine_finding import MachineFinding


def check_reachable(machine: StateMachine) -> Iterator[MachineFinding]:
    """A state that no run comes to is a mistake in the compiler: what it is there for does not happen."""
    for scope in iterate_scopes(machine):
        for name, state in scope.states.items():
            for missing in set(next_states(state)) - set(scope.states):
                yield MachineFinding("reachable", name, f"leads to {missing!r}, which does not exist")
        for name in set(scope.states) - reachable_states(scope.start, state_edges(scope.states)):
            yield MachineFinding("reachable", name, "no run comes here")


def check_ends(machine: StateMachine) -> Iterator[MachineFinding]:
    """Every state reaches an end.

    A run in a state that cannot would never end, and would hold its lock forever.
    """
    for scope in iterate_scopes(machine):
        following = state_edges(scope.states)
        ending = {name for name, state in scope.states.items() if is_end(state)}
        for name in scope.states:
            if not reachable_states(name, following) & ending:
                yield MachineFinding("ends", name, "no end can be reached from here")


def check_loops(machine: StateMachine) -> Iterator[MachineFinding]:
    """Every loop has a bound.

    Step Functions runs a loop until the history is full or the machine times out. Both end a run without a message.
    """
    for scope in iterate_scopes(machine):
        try:
            longest_path(scope.states, scope.start, lambda _: 1, lambda bound, once: bound.max_rounds * once)
        except UnboundedLoop as error:
            yield MachineFinding("loops", min(error.states), f"nothing ends the loop {', '.join(sorted(error.states))}")
