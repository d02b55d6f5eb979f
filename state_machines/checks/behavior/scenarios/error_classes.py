"""Groups the errors that a machine and a document treat alike, so that one of each group is tried."""

from __future__ import annotations

from leeward.common.errors import LeewardError, leaf_error_names
from leeward.state_machines.asl import TaskState
from leeward.state_machines.checks.behavior.interpreter.execution import find_catch_target
from leeward.state_machines.fragments.retries import EXPECTED_ERRORS, HEARTBEAT_ERROR

# A defect in a task, and an error of Step Functions itself.
UNKNOWN_ERRORS = ("KeyError", "States.TaskFailed")
ERRORS = tuple(dict.fromkeys((*EXPECTED_ERRORS, *leaf_error_names(LeewardError), HEARTBEAT_ERROR, *UNKNOWN_ERRORS)))
_EXPECTED = frozenset(EXPECTED_ERRORS)


def representative_errors(machine_task: TaskState, model_task: TaskState) -> list[str]:
    """Return an error of each group: same Catch in the machine, same Catch in the step's own states, and both known as
    an expected failure or not.
    """
    groups: dict[tuple[str | None, str | None, bool], str] = {}
    for error in ERRORS:
        targets = find_catch_target(machine_task, error), find_catch_target(model_task, error)
        groups.setdefault((*targets, error in _EXPECTED), error)
    return list(groups.values())
