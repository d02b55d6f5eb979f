"""Checks that every error of a task leads somewhere."""

from __future__ import annotations

from collections.abc import Iterator

from leeward.common.errors import LeewardError, leaf_error_names
from leeward.state_machines.analysis.state_graph import invoked_function
from leeward.state_machines.asl import Catcher, StateMachine, TaskState
from leeward.state_machines.checks.findings.machine_finding import MachineFinding
from leeward.state_machines.fragments.retries import LAMBDA_ERRORS, TIMEOUT_ERRORS, UNEXPECTED_ERRORS

_ALL = "States.ALL"
# If these fail, the execution must fail at them, so that a redrive repeats them.
UNCAUGHT_FUNCTIONS = ("leeward-run-end", "leeward-run-stop")
_KNOWN_ERRORS = frozenset(
    (*leaf_error_names(LeewardError), *UNEXPECTED_ERRORS, *LAMBDA_ERRORS, *TIMEOUT_ERRORS, "States.TaskFailed", _ALL)
)


def check_catches(machine: StateMachine) -> Iterator[MachineFinding]:
    """Yield the states whose errors are not all caught.

    An uncaught error ends the run without a record, and its lock stays.
    """
    for name, state in machine.states.items():
        if not isinstance(state, TaskState):
            continue
        if invoked_function(state) in UNCAUGHT_FUNCTIONS:
            if state.catch:
                yield MachineFinding("catches", name, "must fail the execution, but its errors are caught")
        else:
            for text in _explain_gaps(state.catch):
                yield MachineFinding("catches", name, text)


def _explain_gaps(catchers: tuple[Catcher, ...]) -> Iterator[str]:
    if not catchers:
        yield "no error of it is caught"
        return
    if catchers[-1].errors != (_ALL,):
        yield f"the last Catch takes {', '.join(catchers[-1].errors)}, and errors of other names are not caught"
    for catcher in catchers:
        if _ALL in catcher.errors and catcher is not catchers[-1]:
            yield f"a Catch of {_ALL} comes before others, which never apply"
        for error in catcher.errors:
            if error not in _KNOWN_ERRORS:
                yield f"catches {error}, which no task raises"
