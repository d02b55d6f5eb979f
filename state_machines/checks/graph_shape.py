"""Checks of the graph: every state can be reached, every state can reach an end, and every loop is bounded."""

from __future__ import annotations

from collections.abc import Iterator

from leeward.state_machines.analysis.loop_bounds import UnboundedLoop, longest_path
from leeward.state_machines.analysis.state_graph import is_end, reachable_states, state_edges
from leeward.state_machines.asl import StateMachine, next_states
from leeward.state_machines.checks.findings.machine_finding import MachineFinding


def check_reachable(machine: StateMachine) -> Iterator[MachineFinding]:
    """Yield the states that no run can reach, and the transitions to states that don't exist. Both are
    compiler errors.
    """
    yield from check_targets(machine)
    if machine.start_at not in machine.states:
        return
    for name in set(machine.states) - reachable_states(machine.start_at, state_edges(machine.states)):
        yield MachineFinding("reachable", name, "no run can reach this state")


def check_targets(machine: StateMachine) -> Iterator[MachineFinding]:
    """Yield the transitions and starts that lead to states that don't exist."""
    if machine.start_at not in machine.states:
        yield MachineFinding("reachable", machine.start_at, "is where the states begin, and does not exist")
    for name, state in machine.states.items():
        for missing in sorted(set(next_states(state)) - set(machine.states)):
            yield MachineFinding("reachable", name, f"leads to {missing!r}, which does not exist")


def check_ends(machine: StateMachine) -> Iterator[MachineFinding]:
    """Yield the states that cannot reach an end. A run in such a state would never end and would keep its lock."""
    following = state_edges(machine.states)
    ending = {name for name, state in machine.states.items() if is_end(state)}
    for name in machine.states:
        if not reachable_states(name, following) & ending:
            yield MachineFinding("ends", name, "this state can't reach an end")


def check_loops(machine: StateMachine) -> Iterator[MachineFinding]:
    """Yield the loops that have no limit.

    Step Functions runs a loop until the history is full or the machine times out. Both end a run without a message.
    """
    try:
        longest_path(machine.states, machine.start_at, lambda _: 1, lambda bound, once: bound.max_rounds * once)
    except UnboundedLoop as error:
        yield MachineFinding("loops", min(error.states), f"nothing ends the loop {', '.join(sorted(error.states))}")
