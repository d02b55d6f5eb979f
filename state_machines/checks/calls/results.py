"""Checks where the results of states go."""

from __future__ import annotations

import re
from collections.abc import Iterator

from leeward.state_machines.analysis.state_graph import invoked_function
from leeward.state_machines.asl import PassState, State, StateMachine, TaskState
from leeward.state_machines.checks.findings.machine_finding import MachineFinding

_PATH = re.compile(r"\$\.\w+")
_RUN_BEGIN = "leeward-run-begin"


def check_results(machine: StateMachine) -> Iterator[MachineFinding]:
    """Yield the states whose result replaces the run's data. Only the begin of a run may, when no data exists."""
    before_data = {
        catcher.next
        for state in machine.states.values()
        if isinstance(state, TaskState) and invoked_function(state) == _RUN_BEGIN
        for catcher in state.catch
    }
    for name, state in machine.states.items():
        is_free = invoked_function(state) == _RUN_BEGIN or name in before_data
        for path in () if is_free else _written_paths(state):
            if not _PATH.fullmatch(path):
                yield MachineFinding("results", name, f"writes its result to {path!r}, over the run's data")


def _written_paths(state: State) -> Iterator[str]:
    if isinstance(state, TaskState):
        yield from (catcher.result_path for catcher in state.catch)
    if isinstance(state, TaskState | PassState) and state.result_path is not None:
        yield state.result_path
