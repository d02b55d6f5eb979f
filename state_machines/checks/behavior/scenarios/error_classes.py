"""Groups the errors that a machine and a document treat alike, so that one of each group is tried."""

from __future__ import annotations

from leeward.common.errors import LeewardError, leaf_error_names
from leeward.state_machines.asl import TaskState
from leeward.state_machines.checks.behavior.interpreter.execution import find_catch_target
from leeward.state_machines.fragments.retries import LAMBDA_ERRORS, TIMEOUT_ERRORS, UNEXPECTED_ERRORS

# What a team's function or a later version of Lambda may raise, and an error of Step Functions itself.
UNKNOWN_ERRORS = ("KeyError", "Sandbox.NewError", "States.TaskFailed")
ERRORS = tuple(
    dict.fromkeys(
        (*leaf_error_names(LeewardError), *UNEXPECTED_ERRORS, *LAMBDA_ERRORS, *TIMEOUT_ERRORS, *UNKNOWN_ERRORS)
    )
)
_UNEXPECTED = frozenset(UNEXPECTED_ERRORS)


def representative_errors(machine_task: TaskState, model_task: TaskState) -> list[str]:
    """Return an error of each group: same Catch in the machine, same Catch in the step's own states, and both known as
    an expected failure or not.
    """
    groups: dict[tuple[str | None, str | None, bool], str] = {}
    for error in ERRORS:
        targets = find_catch_target(machine_task, error), find_catch_target(model_task, error)
        groups.setdefault((*targets, error in _UNEXPECTED), error)
    return list(groups.values())
