"""Checks of the graph alone: every state can be reached and can reach an end, and every loop has a bound."""

from __future__ import annotations

from collections.abc import Iterator

from leeward.state_machines.asl import Machine, targets
from leeward.state_machines.checks.bounded_loops import Unbounded, longest
from leeward.state_machines.checks.finding import Finding
from leeward.state_machines.checks.graph import edges, is_end, reached, scopes


def reachable(machine: Machine) -> Iterator[Finding]:
    """A state that no run comes to is a mistake in the compiler: what it is there for does not happen."""
    for scope in scopes(machine):
        for name, state in scope.states.items():
            for missing in set(targets(state)) - set(scope.states):
                yield Finding("reachable", name, f"leads to {missing!r}, which does not exist")
        for name in set(scope.states) - reached(scope.start, edges(scope.states)):
            yield Finding("reachable", name, "no run comes here")


def ends(machine: Machine) -> Iterator[Finding]:
    """A run that comes to a state from which no end can be reached never ends, and holds its lock for ever."""
    for scope in scopes(machine):
        following = edges(scope.states)
        ending = {name for name, state in scope.states.items() if is_end(state)}
        for name in scope.states:
            if not reached(name, following) & ending:
                yield Finding("ends", name, "no end can be reached from here")


def loops(machine: Machine) -> Iterator[Finding]:
    """Step Functions lets a loop go on until the history is full or the machine's time is over, and both end a run
    without a word."""
    for scope in scopes(machine):
        try:
            longest(scope.states, scope.start, lambda _: 1, lambda bound, once: bound.times * once)
        except Unbounded as error:
            yield Finding("loops", min(error.states), f"nothing ends the loop {', '.join(sorted(error.states))}")
